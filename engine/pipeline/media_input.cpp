#include "engine/pipeline/media_input.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "engine/base/file.h"
#include "engine/package/idr.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/ts_seam.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

// Demuxers that read one file and never name another. Playlists (hls, dash, concat, ...) and image sequences
// are not here.
constexpr const char* kDemuxers =
    "aac,ac3,aiff,amr,amrnb,amrwb,apng,asf,asf_o,au,av1,avi,caf,dnxhd,dts,dtshd,dv,eac3,flac,flv,gif,gxf,"
    "h261,h263,"
    "h264,hevc,ivf,live_flv,m4v,matroska,webm,mjpeg,mov,mp3,mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,rm,tta,vc1,"
    "vc1test,"
    "w64,wav,wtv,wv,yuv4mpegpipe";

// Reads that fail one after the other: behind these nothing more is to be had.
constexpr int kFailedReads = 100'000;

double seconds(std::int64_t value, AVRational time_base) {
  return static_cast<double>(value) * av_q2d(time_base);
}

int stop_requested(void* token) {
  return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

Result<std::int64_t> size_of(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return errno_status(errno, "cannot open", path);
  if (S_ISDIR(facts.st_mode)) return Status(Code::invalid_argument, path + ": not a media file (a folder)");
  if (!S_ISREG(facts.st_mode))
    return Status(Code::invalid_argument, path + ": not a media file (not a regular file)");
  if (facts.st_size == 0) return Status(Code::corrupt_input, path + ": not a media file (empty)");
  return static_cast<std::int64_t>(facts.st_size);
}

// Decodes a little of each stream; a picture beyond all reason is not made.
int find_stream_info(AVFormatContext& format) {
  const unsigned count = format.nb_streams;
  std::vector<AVDictionary*> options(count, nullptr);
  for (AVDictionary*& each : options) av_dict_set_int(&each, "max_pixels", kMostPixels, 0);
  const int found = avformat_find_stream_info(&format, count > 0 ? options.data() : nullptr);
  for (AVDictionary*& each : options) av_dict_free(&each);
  return found;
}

// True when the file opens as MP4 and its kin do.
bool opens_as_mp4(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return false;
  char head[8] = {};
  const bool whole = std::fread(head, 1, sizeof head, file) == sizeof head;
  std::fclose(file);
  if (!whole) return false;
  for (const char* box : {"ftyp", "moov", "mdat", "wide", "skip", "free"})
    if (std::memcmp(head + 4, box, 4) == 0) return true;
  return false;
}

}  // namespace

MediaInput::MediaInput(std::string path, std::int64_t size_bytes, std::stop_token stop)
    : path_(std::move(path)), size_bytes_(size_bytes), stop_(std::move(stop)), chosen_end_(AV_NOPTS_VALUE) {}

Result<std::unique_ptr<MediaInput>> MediaInput::open(const std::string& url, std::stop_token stop) {
  const auto path = path_of_url(url);
  if (!path.ok()) return path.status();
  const auto size = size_of(*path);
  if (!size.ok()) return size.status();
  std::unique_ptr<MediaInput> input(new MediaInput(*path, *size, std::move(stop)));
  if (Status status = input->open_format(); !status.ok()) return status;
  return input;
}

Status MediaInput::open_format() {
  AVFormatContext* format = avformat_alloc_context();
  format->interrupt_callback = {stop_requested, const_cast<std::stop_token*>(&stop_)};
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  av_dict_set(&options, "format_whitelist", kDemuxers, 0);
  timeline_ = Timeline();
  const int error = avformat_open_input(&format, ("file:" + path_).c_str(), nullptr, &options);
  av_dict_free(&options);
  format_.reset(error < 0 ? nullptr : format);
  if (error == AVERROR(EINVAL))
    return Status(Code::unsupported,
                  path_ + ": a playlist, or a format that names other files; give the media file itself");
  if (error == AVERROR_INVALIDDATA && opens_as_mp4(path_))
    return Status(Code::corrupt_input,
                  path_ +
                      ": damaged MP4: its index (moov) is missing or broken, so the file is "
                      "incomplete; upload or record it again");
  if (error == AVERROR_INVALIDDATA)
    return Status(Code::corrupt_input, path_ + ": not a media file (no known format)");
  if (error < 0) return av_status(error, path_ + ": cannot open");
  if (const int found = find_stream_info(*format_); found < 0)
    return av_status(found, path_ + ": cannot find out what is in it");
  if (format_->nb_streams == 0)
    return Status(Code::corrupt_input, path_ + ": not a media file (no picture and no sound in it)");
  return {};
}

bool MediaInput::is(const char* demuxer) const {
  return std::string_view(format_->iformat->name).find(demuxer) != std::string_view::npos;
}

bool MediaInput::has_timestamps() const { return (format_->iformat->flags & AVFMT_NOTIMESTAMPS) == 0; }

bool MediaInput::can_seek() const {
  const bool indexed = is("mov") || is("matroska");
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
  if ((format_->iformat->flags & AVFMT_TS_DISCONT) == 0) return;
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
  if (error == AVERROR_EOF) {
    if (format_->pb != nullptr && format_->pb->error < 0)
      return av_status(format_->pb->error, path_ + ": cannot read");
    return PacketPtr();
  }
  const double place = chosen_end_ == AV_NOPTS_VALUE ? 0 : chosen_seconds(chosen_end_);
  const auto promised = promised_seconds();
  if (error < 0) {
    if (error != AVERROR_INVALIDDATA) return av_status(error, fmt::format("{}: at {:.3f} s", path_, place));
    const bool at_end = avio_feof(format_->pb) != 0 || avio_tell(format_->pb) >= size_bytes_;
    Status status = at_end && promised ? cut_short(place, *promised)
                                       : damaged(fmt::format("at {:.3f} s: {}", place, av_error_text(error)));
    if (!status.ok()) return status;
    again = true;
    return PacketPtr();
  }
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

// In a transport stream a mark means that a counter broke: by a loss, or where two streams were joined.
Status MediaInput::check_marks(const AVPacket& packet) {
  constexpr int kAfter = 2;
  constexpr int kLargestPacket = 204;
  const bool mark = (packet.flags & AV_PKT_FLAG_CORRUPT) != 0;
  if (!mark && !marked_) return {};
  const double place = chosen_end_ == AV_NOPTS_VALUE ? 0 : chosen_seconds(chosen_end_);
  if (!is("mpegts")) return damaged_packet(place);
  if (!marked_) marked_ = Marked{place, position_, false, kAfter};
  marked_->gap = marked_->gap || lies_after_a_gap(packet);
  if (mark) marked_->to_come = kAfter;
  if (mark || packet.pos < 0 || --marked_->to_come > 0) return {};
  return judge_marked(packet.pos + kLargestPacket);
}

// `to`: bytes in the file.
Status MediaInput::judge_marked(std::int64_t to) {
  if (!marked_) return {};
  const Marked marked = *marked_;
  marked_.reset();
  if (!marked.gap && joined_between(path_, marked.from, to, format_->streams[stream_]->id)) return {};
  return damaged_packet(marked.place);
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
      if (Status status = judge_marked(size_bytes_); !status.ok()) return status;
      if (Status status = check_end(); !status.ok()) return status;
      return PacketPtr();
    }
    if (static_cast<unsigned>((*packet)->stream_index) == stream_) return packet;
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
    if (at->pos + (is("mov") ? at->size : 0) > size_bytes_) return at;
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
