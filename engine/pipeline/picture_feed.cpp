#include "engine/pipeline/picture_feed.h"

#include "engine/pipeline/open_track.h"
#include "engine/plan/job_times.h"
#include "engine/plan/stage.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

// Of a deinterlacer, which looks at the frames before.
constexpr std::int64_t kDeinterlacerHistory = kTicksPerSecond;

}  // namespace

std::int64_t end_ticks_of(const Plan& plan) { return plan.trim_to > 0 ? plan.trim_to - plan.trim_from : 0; }

FrameTiming frame_timing(const Plan& plan, MediaInput& input) {
  const VideoTrack& video = *plan.source.main_video();
  FrameTiming timing;
  timing.time_base = input.chosen().time_base;
  timing.first_pts = video.first_pts;
  timing.frame_rate = video.frame_rate;
  timing.constant_rate = !video.variable_frame_rate;
  timing.has_timestamps = input.has_timestamps();
  timing.read_from_start = !plan.source.can_seek;
  timing.trim_from = plan.trim_from;
  timing.path = input.path();
  return timing;
}

Result<std::unique_ptr<PictureFeed>> PictureFeed::open(const Plan& plan, std::int64_t start_ticks,
                                                       Backend& decode, Backend& filters, SegmentTally& tally,
                                                       DamageLog& damage, Sink<FramePtr>& out,
                                                       std::stop_token stop) {
  const VideoTrack* video = plan.source.main_video();
  if (video == nullptr)
    return Status(Code::invalid_argument, plan.source.url + ": it has no picture to transcode");
  auto input = open_track(plan.source, video->index, AVMEDIA_TYPE_VIDEO, std::move(stop));
  if (!input.ok()) return input.status();
  std::unique_ptr<PictureFeed> feed(new PictureFeed);
  feed->input_ = std::move(*input);
  if (Status status = feed->wire(plan, start_ticks, decode, filters, tally, damage, out); !status.ok())
    return status;
  return feed;
}

Status PictureFeed::wire(const Plan& plan, std::int64_t start_ticks, Backend& decode, Backend& filters,
                         SegmentTally& tally, DamageLog& damage, Sink<FramePtr>& out) {
  const VideoTrack& video = *plan.source.main_video();
  input_->accept_damage(damage);
  Sink<FramePtr>* entry = &out;
  if (Status s = put_before(entry, filters.make_normaliser(plan, *entry), normalise_); !s.ok()) return s;
  if (&decode != &filters)
    if (Status s = put_before(entry, filters.make_upload(video.bits_per_component > 8, *entry), upload_);
        !s.ok())
      return s;
  if (filters.name() != kCpu) {
    same_shape_ = std::make_unique<SameShape>(video, std::string(filters.name()), *entry);
    entry = same_shape_.get();
  }
  clock_ = std::make_unique<FrameClock>(frame_timing(plan, *input_), tally, *entry);

  const AVStream& stream = input_->chosen();
  const auto source_pts = [&](std::int64_t ticks) {
    return origin_pts(plan, from_av(stream.time_base)) +
           av_rescale_q_rnd(ticks, kTicks, stream.time_base, AV_ROUND_DOWN);
  };
  const std::int64_t start = source_pts(start_ticks);
  DecoderSettings settings;
  settings.parameters = stream.codecpar;
  settings.time_base = stream.time_base;
  settings.threads = plan.decoder_threads;
  settings.path = input_->path();
  settings.origin_pts = video.first_pts;
  settings.sample_aspect = stream.sample_aspect_ratio;
  if (start > video.first_pts) settings.strict_from_pts = start;
  if (damage.accepts()) settings.on_damage = [&damage](const std::string& sentence) { damage.add(sentence); };
  auto decoder = decode.make_decoder(settings, *clock_);
  if (!decoder.ok()) return decoder.status();
  decoder_ = std::move(*decoder);
  if (start <= video.first_pts || !plan.source.can_seek || !input_->can_seek()) return {};
  return input_->seek(source_pts(start_ticks - (video.interlaced ? kDeinterlacerHistory : 0)), true);
}

Result<bool> PictureFeed::step() {
  auto packet = input_->read();
  if (!packet.ok()) return packet.status();
  const bool more = *packet != nullptr;
  if (Status status = more ? decoder_->push(std::move(*packet)) : decoder_->finish(); !status.ok())
    return status;
  return more;
}

}  // namespace millrace::engine
