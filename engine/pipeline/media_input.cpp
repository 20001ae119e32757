#include "engine/pipeline/media_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "engine/base/file.h"
#include "engine/base/work_count.h"
#include "engine/package/idr.h"
#include "engine/pipeline/data_status.h"
#include "engine/pipeline/ts_seam.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

// Reads that fail one after the other: behind these nothing more is to be had.
constexpr int kFailedReads = 100'000;

double seconds(std::int64_t value, AVRational time_base) {
  return static_cast<double>(value) * av_q2d(time_base);
}

}  // namespace

MediaInput::MediaInput(std::string path, std::int64_t size_bytes, std::stop_token stop)
    : path_(std::move(path)), size_bytes_(size_bytes), stop_(std::move(stop)), chosen_end_(AV_NOPTS_VALUE) {}

bool MediaInput::is(const char* demuxer) const {
  return std::string_view(format_->iformat->name).find(demuxer) != std::string_view::npos;
}

bool MediaInput::has_timestamps() const { return (format_->iformat->flags & AVFMT_NOTIMESTAMPS) == 0; }

bool MediaInput::can_seek() const {
  const bool indexed = is("mov") || is("matroska") || is("yuv4mpegpipe");  // or pictures of one size
  return indexed && format_->pb != nullptr && (format_->pb->seekable & AVIO_SEEKABLE_NORMAL) != 0;
}

void MediaInput::choose(int stream_index) {
  stream_ = static_cast<unsigned>(stream_index);
  chosen_end_ = AV_NOPTS_VALUE;
  last_dts_ = AV_NOPTS_VALUE;
  marked_.reset();
}

double MediaInput::chosen_seconds(std::int64_t pts) const {
  const AVStream& stream = *format_->streams[stream_];
  const std::int64_t start = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  return seconds(pts - start, stream.time_base);
}

void MediaInput::accept_damage(DamageLog& log) { accepted_ = log.accepts() ? &log : nullptr; }

// Ok where damage is accepted: it is told, and the caller goes on.
Status MediaInput::damaged(const std::string& what) const {
  if (accepted_ == nullptr)
    return Status(Code::corrupt_input, fmt::format("{}: {}; upload or record it again", path_, what));
  accepted_->add(what);
  return {};
}

Status MediaInput::cut_short(double ends, double promised) const {
  return damaged(
      fmt::format("ends at {:.1f} s of {:.1f} s; the file is cut short", std::max(ends, 0.0), promised));
}

// Spliced streams begin their timestamps anew; FFmpeg marks the containers in which that is allowed.
void MediaInput::mend_times(AVPacket& packet) {
  if (!timestamps_may_jump()) return;
  const AVStream& stream = *format_->streams[packet.stream_index];
  Timeline::Packet seen;
  seen.stream = packet.stream_index;
  seen.picture = stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  seen.sound = stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
  if (packet.dts != AV_NOPTS_VALUE) seen.dts = av_rescale_q(packet.dts, stream.time_base, kTicks);
  seen.duration = av_rescale_q(packet.duration, stream.time_base, kTicks);
  const std::int64_t shift = av_rescale_q(timeline_.correction(seen), kTicks, stream.time_base);
  if (packet.dts != AV_NOPTS_VALUE) packet.dts += shift;
  if (packet.pts != AV_NOPTS_VALUE) packet.pts += shift;
}

void MediaInput::note(const AVPacket& packet) {
  const AVStream& stream = *format_->streams[packet.stream_index];
  const std::int64_t at = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (at == AV_NOPTS_VALUE) return;
  const std::int64_t end = at + std::max<std::int64_t>(packet.duration, 0);
  const std::int64_t start = format_->start_time == AV_NOPTS_VALUE ? 0 : format_->start_time;
  furthest_end_ = std::max(furthest_end_, seconds(end, stream.time_base) - seconds(start, AV_TIME_BASE_Q));
  const auto index = static_cast<std::size_t>(packet.stream_index);
  if (ends_.size() <= index) ends_.resize(index + 1, AV_NOPTS_VALUE);
  ends_[index] = std::max(ends_[index], end);  // AV_NOPTS_VALUE is the least there is
  if (static_cast<unsigned>(packet.stream_index) != stream_) return;
  if (chosen_end_ == AV_NOPTS_VALUE || end > chosen_end_) chosen_end_ = end;
  if (packet.pos >= 0) position_ = packet.pos;
  if (packet.dts == AV_NOPTS_VALUE) return;
  if (last_dts_ != AV_NOPTS_VALUE) last_step_ = packet.dts - last_dts_;
  last_dts_ = packet.dts;
  last_passed_ = timeline_.passed_by(packet.stream_index);
}

// Sets `again` when damage was let pass and the next packet may be whole.
Result<PacketPtr> MediaInput::try_read(bool& again) {
  again = false;
  PacketPtr packet = make_packet();
  const int error = av_read_frame(format_.get(), packet.get());
  if (stop_.stop_requested()) return Status(Code::cancelled, "stopped on request");
  if (bytes_ && !bytes_->status().ok()) return bytes_->status();  // never taken for damage or an end
  if (error == AVERROR_EOF) {
    if (format_->pb != nullptr && format_->pb->error < 0)
      return av_status(format_->pb->error, path_ + ": cannot read");
    return PacketPtr();
  }
  const double place = chosen_end_ == AV_NOPTS_VALUE ? 0 : chosen_seconds(chosen_end_);
  const auto promised = promised_seconds();
  if (error < 0) {
    const bool reading_failed = format_->pb != nullptr && format_->pb->error < 0;
    if (reading_failed || data_status(error, path_).code() != Code::corrupt_input)
      return av_status(reading_failed ? format_->pb->error : error,
                       fmt::format("{}: at {:.3f} s", path_, place));
    const bool at_end = avio_feof(format_->pb) != 0 || avio_tell(format_->pb) >= end_of_bytes();
    Status status = at_end && promised ? cut_short(place, *promised)
                                       : damaged(fmt::format("at {:.3f} s: {}", place, av_error_text(error)));
    if (!status.ok()) return status;
    again = true;
    return PacketPtr();
  }
  note_work();
  adts_[packet->stream_index].mend(*packet, format_->streams[packet->stream_index]->time_base);
  mend_times(*packet);
  if (static_cast<unsigned>(packet->stream_index) == stream_)
    if (Status status = check_marks(*packet); !status.ok()) return status;
  note(*packet);
  return packet;
}

Status MediaInput::damaged_packet(double place) const {
  const auto promised = promised_seconds();
  if (avio_feof(format_->pb) != 0 && promised && *promised > place + 0.5) return cut_short(place, *promised);
  return damaged(fmt::format("at {:.3f} s: a damaged packet", place));
}

bool MediaInput::lies_after_a_gap(const AVPacket& packet) const {
  return packet.dts != AV_NOPTS_VALUE && last_dts_ != AV_NOPTS_VALUE &&
         timeline_.passed_by(packet.stream_index) == last_passed_ &&
         packet.dts - last_dts_ > last_step_ + last_step_ / 2;
}

// In a transport stream a mark means that a counter broke: by a loss, or where two streams were joined. The
// demuxer does not mark what follows a lost beginning: there a gap in time is looked at.
Status MediaInput::check_marks(const AVPacket& packet) {
  constexpr int kAfter = 2;
  constexpr int kLargestPacket = 204;
  const bool mark = (packet.flags & AV_PKT_FLAG_CORRUPT) != 0;
  const bool silent = !mark && !marked_;
  if (silent && !(is("mpegts") && last_step_ > 0 && lies_after_a_gap(packet))) return {};
  const double place = chosen_end_ == AV_NOPTS_VALUE ? 0 : chosen_seconds(chosen_end_);
  if (!is("mpegts")) return damaged_packet(place);
  if (!marked_) marked_ = Marked{place, position_, false, kAfter, silent};
  marked_->gap = marked_->gap || lies_after_a_gap(packet);
  if (mark) {
    marked_->to_come = kAfter;
    marked_->silent = false;
  }
  if (mark || packet.pos < 0 || --marked_->to_come > 0) return {};
  return judge_marked(packet.pos + kLargestPacket);
}

// `to`: bytes in the file.
Status MediaInput::judge_marked(std::int64_t to) {
  if (!marked_) return {};
  const Marked marked = *marked_;
  marked_.reset();
  if (marked.silent)
    return is_loss(marked.from, to) ? damaged(fmt::format("at {:.3f} s: packets were lost", marked.place))
                                    : Status();
  if (!marked.gap && is_seam(marked.from, to)) return {};
  return damaged_packet(marked.place);
}

bool MediaInput::is_loss(std::int64_t from, std::int64_t to) const {
  const int pid = format_->streams[stream_]->id;
  return bytes_ ? lost(bytes_->remembered(from, to), pid) : lost_between(path_, from, to, pid);
}

bool MediaInput::is_seam(std::int64_t from, std::int64_t to) const {
  const int pid = format_->streams[stream_]->id;
  return bytes_ ? joined(bytes_->remembered(from, to), pid) : joined_between(path_, from, to, pid);
}

Result<PacketPtr> MediaInput::read_any() {
  bool again = true;
  for (int failed = 0; failed < kFailedReads; ++failed) {
    auto packet = try_read(again);
    if (!again) return packet;
  }
  return PacketPtr();
}

Result<PacketPtr> MediaInput::read() {
  if (pending_) return std::move(pending_);
  while (true) {
    auto packet = read_any();
    if (!packet.ok()) return packet.status();
    if (!*packet) {
      if (Status status = judge_marked(end_of_bytes()); !status.ok()) return status;
      if (Status status = check_end(); !status.ok()) return status;
      return PacketPtr();
    }
    const int stream = (*packet)->stream_index;
    if (static_cast<unsigned>(stream) == stream_ || stream == beside_) return packet;
  }
}

// What the container says about its length: of the chosen stream where it says it for each, else of the
// whole.
std::optional<double> MediaInput::promised_seconds() const {
  const AVStream& stream = *format_->streams[stream_];
  if (is("mov") || is("avi")) {
    if (stream.duration == AV_NOPTS_VALUE || stream.duration <= 0) return std::nullopt;
    return seconds(stream.duration, stream.time_base);
  }
  if (format_->duration_estimation_method != AVFMT_DURATION_FROM_STREAM ||
      format_->duration == AV_NOPTS_VALUE)
    return std::nullopt;
  return seconds(format_->duration, AV_TIME_BASE_Q);
}

Status MediaInput::check_end() const {
  const auto promised = promised_seconds();
  if (!promised) return {};
  const AVStream& stream = *format_->streams[stream_];
  const double rate = av_q2d(stream.avg_frame_rate.den > 0 ? stream.avg_frame_rate : AVRational{25, 1});
  const double slack = std::max(rate > 0 ? 2.0 / rate : 0.08, 0.5);
  const bool of_chosen = is("mov") || is("avi");
  const double ends =
      of_chosen ? (chosen_end_ == AV_NOPTS_VALUE ? 0 : chosen_seconds(chosen_end_)) : furthest_end_;
  return ends + slack < *promised ? cut_short(ends, *promised) : Status();
}

const AVIndexEntry* MediaInput::first_behind_the_end(AVStream& stream) const {
  if ((stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) return nullptr;
  const int entries = avformat_index_get_entries_count(&stream);
  for (int entry = 0; entry < entries; ++entry) {
    const AVIndexEntry* at = avformat_index_get_entry(&stream, entry);
    if (at->pos + (is("mov") ? at->size : 0) > end_of_bytes()) return at;
  }
  return nullptr;
}

std::optional<double> MediaInput::seconds_in_file(int stream_index) const {
  AVStream& stream = *format_->streams[stream_index];
  const AVIndexEntry* behind = first_behind_the_end(stream);
  if (behind == nullptr) return std::nullopt;
  const std::int64_t start = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  return std::max(seconds(behind->timestamp - start, stream.time_base), 0.0);
}

Status MediaInput::check_index() const {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const auto ends = seconds_in_file(static_cast<int>(i));
    if (!ends) continue;
    const AVStream& stream = *format_->streams[i];
    return cut_short(*ends, stream.duration > 0 ? seconds(stream.duration, stream.time_base)
                                                : seconds(format_->duration, AV_TIME_BASE_Q));
  }
  return {};
}

Status MediaInput::seek(std::int64_t pts, bool with_references) {
  if (Status status = seek_key(pts); !status.ok() || !with_references || !pending_) return status;
  const AVCodecParameters& coded = *chosen().codecpar;
  const std::string_view sample(reinterpret_cast<const char*>(pending_->data),
                                static_cast<std::size_t>(pending_->size));
  if (coded.codec_id != AV_CODEC_ID_H264 || opens_with_idr(coded, sample, true)) return {};
  const std::int64_t shown = pending_->pts != AV_NOPTS_VALUE ? pending_->pts : pending_->dts;
  return seek_key(shown - 1);
}

std::optional<std::int64_t> MediaInput::end_of(int stream_index) const {
  const auto index = static_cast<std::size_t>(stream_index);
  return index < ends_.size() && ends_[index] != AV_NOPTS_VALUE ? std::optional(ends_[index]) : std::nullopt;
}

Status MediaInput::seek_near_end(std::int64_t promised) {
  if (!is("matroska")) return seek_key(promised);
  // It knows nothing of its index before its first seek. Reading from the last entry but one stays clear of
  // the demuxer's search for more of them behind the last one.
  const std::int64_t start = chosen().start_time;
  if (Status status = seek_key(start == AV_NOPTS_VALUE ? 0 : start); !status.ok()) return status;
  const int entries = avformat_index_get_entries_count(&chosen());
  if (entries < 3) return {};
  return seek_key(avformat_index_get_entry(&chosen(), entries - 2)->timestamp);
}

Status MediaInput::seek_key(std::int64_t pts) {
  const AVStream& stream = *format_->streams[stream_];
  const std::int64_t second = std::max<std::int64_t>(av_rescale_q(1, {1, 1}, stream.time_base), 1);
  const std::int64_t start = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  for (std::int64_t back = 0; pts - back > start; back = back == 0 ? second : back * 4) {
    pending_.reset();
    if (av_seek_frame(format_.get(), static_cast<int>(stream_), pts - back, AVSEEK_FLAG_BACKWARD) < 0)
      continue;
    while (true) {
      auto packet = read_any();
      if (!packet.ok()) return packet.status();
      if (!*packet) break;
      if (static_cast<unsigned>((*packet)->stream_index) != stream_ ||
          ((*packet)->flags & AV_PKT_FLAG_KEY) == 0)
        continue;
      const std::int64_t shown = (*packet)->pts != AV_NOPTS_VALUE ? (*packet)->pts : (*packet)->dts;
      if (shown == AV_NOPTS_VALUE || shown > pts) break;
      pending_ = std::move(*packet);
      return {};
    }
  }
  const unsigned stream_index = stream_;
  pending_.reset();
  format_.reset();
  if (Status status = open_format(); !status.ok()) return status;
  choose(static_cast<int>(stream_index));
  return {};
}

}  // namespace millrace::engine
