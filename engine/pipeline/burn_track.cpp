#include "engine/pipeline/burn_track.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/pipeline/open_track.h"
#include "engine/plan/job_times.h"
#include "engine/plan/normalise.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

// How far the file is read before what a time shows is taken as known: containers let the packets of a
// subtitle lie behind those of the pictures that it goes with.
constexpr std::int64_t kAhead = 10 * kTicksPerSecond;
// Before a range: the longest show, and what a decoder wants to have seen before that.
constexpr std::int64_t kRunUp = BurnTrack::kLongestShow + 60 * kTicksPerSecond;
// Containers round times; a picture is this close to the one it goes with.
constexpr std::int64_t kRounding = kTicksPerSecond / 1000;
constexpr std::size_t kMostWaiting = std::size_t{128} << 20;

PictureSize coded_size(const VideoTrack& video) {
  const bool on_its_side = video.rotation_degrees % 180 != 0;
  return on_its_side ? PictureSize{video.height, video.width} : PictureSize{video.width, video.height};
}

}  // namespace

BurnTrack::BurnTrack(const Plan& plan, int stream, std::int64_t start_ticks, DamageLog& damage)
    : plan_(plan),
      stream_(stream),
      start_(start_ticks),
      damage_(damage),
      origin_(origin_pts(plan, {1, kTicksPerSecond})) {}

Result<std::unique_ptr<BurnTrack>> BurnTrack::open(const Plan& plan, int stream, std::int64_t start_ticks,
                                                   DamageLog& damage, std::stop_token stop) {
  if (plan.source.main_video() == nullptr)
    return Status(Code::invalid_argument, plan.source.url + ": it has no picture to burn subtitles into");
  std::unique_ptr<BurnTrack> track(new BurnTrack(plan, stream, start_ticks, damage));
  if (Status status = track->begin(std::move(stop)); !status.ok()) return status;
  return track;
}

Status BurnTrack::begin(std::stop_token stop) {
  const VideoTrack& video = *plan_.source.main_video();
  auto input = open_track(plan_.source, stream_, AVMEDIA_TYPE_SUBTITLE, std::move(stop));
  if (!input.ok()) return input.status();
  input_ = std::move(*input);
  AVFormatContext& format = input_->format();
  if (video.index < 0 || static_cast<unsigned>(video.index) >= format.nb_streams)
    return Status(Code::corrupt_input, plan_.source.url + ": the file has changed; submit the job again");
  const AVStream& subtitles = *format.streams[stream_];
  time_base_ = subtitles.time_base;
  auto decoder = BitmapSubtitles::open(subtitles, input_->path(), coded_size(video));
  if (!decoder.ok()) return decoder.status();
  decoder_.emplace(std::move(*decoder));

  // The pictures' packets tell how far the file is read.
  input_->accept_damage(of_the_file_);
  input_->choose(video.index);
  input_->choose_beside(stream_);
  video_time_base_ = input_->chosen().time_base;
  if (start_ <= kRunUp || !plan_.source.can_seek || !input_->can_seek()) return {};
  return input_->seek(av_rescale_q(origin_ + start_ - kRunUp, kTicks, video_time_base_));
}

Status BurnTrack::step() {
  auto packet = input_->read();
  if (!packet.ok()) return packet.status();
  if (!*packet) {
    ended_ = true;
    return {};
  }
  if ((*packet)->stream_index == stream_) return take(**packet);
  const std::int64_t at = (*packet)->dts != AV_NOPTS_VALUE ? (*packet)->dts : (*packet)->pts;
  if (at != AV_NOPTS_VALUE)
    read_to_ = std::max(read_to_, job_ticks(av_rescale_q(at, video_time_base_, kTicks)));
  return {};
}

Status BurnTrack::take(const AVPacket& packet) {
  auto shown = decoder_->decode(packet);
  if (!shown.ok())
    return shown.status().code() == Code::corrupt_input ? damaged(packet, shown.status()) : shown.status();
  if (!*shown) return {};
  seen_one_ = true;
  return add(std::move(**shown));
}

Status BurnTrack::add(ShownBitmaps shown) {
  shown.start = job_ticks(shown.start);
  shown.end = std::min(shown.end == ShownBitmaps::kOpen ? shown.end : job_ticks(shown.end),
                       shown.start + kLongestShow);
  waiting_bytes_ += shown.bytes();
  if (waiting_bytes_ > kMostWaiting)
    return Status(
        Code::resource_exhausted,
        fmt::format("{}: at {:.3f} s: the subtitles of stream {} hold more than {} MiB of pictures within "
                    "{} s; leave burn out",
                    input_->path(), static_cast<double>(shown.start) / kTicksPerSecond, stream_,
                    kMostWaiting >> 20, kAhead / kTicksPerSecond));
  const auto after =
      std::upper_bound(waiting_.begin(), waiting_.end(), shown.start,
                       [](std::int64_t start, const auto& each) { return start < each.start; });
  if (after == waiting_.begin()) picture_.reset();
  waiting_.insert(after, std::move(shown));
  return {};
}

// A track that begins in the middle of a subtitle cannot be read until the next one; likewise after a seek.
Status BurnTrack::damaged(const AVPacket& packet, const Status& why) {
  const std::int64_t at =
      packet.pts == AV_NOPTS_VALUE ? 0 : job_ticks(av_rescale_q(packet.pts, time_base_, kTicks));
  if (at < start_ || !seen_one_) return {};
  const std::string what =
      fmt::format("at {:.3f} s: a subtitle of stream {} is damaged ({})",
                  static_cast<double>(at + plan_.trim_from) / kTicksPerSecond, stream_, why.message());
  if (!damage_.accepts())
    return Status(Code::corrupt_input,
                  fmt::format("{}: {}; record it again, or leave burn out", input_->path(), what));
  damage_.add(what);
  return {};
}

Result<std::shared_ptr<const SubtitlePicture>> BurnTrack::at(std::int64_t ticks) {
  const std::int64_t now = ticks + kRounding;
  while (!ended_ && read_to_ < now + kAhead)
    if (Status status = step(); !status.ok()) return status;
  const auto is_over = [&] {
    return waiting_.front().end <= now || (waiting_.size() > 1 && waiting_[1].start <= now);
  };
  while (!waiting_.empty() && is_over()) {
    waiting_bytes_ -= waiting_.front().bytes();
    waiting_.pop_front();
    picture_.reset();
  }
  if (waiting_.empty() || waiting_.front().start > now || waiting_.front().bitmaps.empty())
    return std::shared_ptr<const SubtitlePicture>();
  if (!picture_) {
    const VideoTrack& video = *plan_.source.main_video();
    picture_ = picture_of(waiting_.front(), coded_size(video), shown_size(video));
  }
  return picture_;
}

}  // namespace millrace::engine
