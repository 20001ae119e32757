#include "engine/pipeline/burn_stage.h"

namespace millrace::engine {

Status BurnStage::add(const Plan& plan, int stream, std::int64_t start_ticks, DamageLog& damage,
                      const std::stop_token& stop) {
  if (stream < 0 || tracks_.contains(stream)) return {};
  auto track = BurnTrack::open(plan, stream, start_ticks, damage, stop);
  if (!track.ok()) return track.status();
  tracks_[stream] = std::move(*track);
  return {};
}

Status BurnStage::push(FramePtr frame) {
  SubtitlesOver over;
  for (const auto& [stream, track] : tracks_) {
    auto shown = track->at(frame->pts);
    if (!shown.ok()) return shown.status();
    if (*shown) over[stream] = std::move(*shown);
  }
  if (over.empty())
    over_.reset();
  else if (!over_ || *over_ != over)
    over_ = std::make_shared<const SubtitlesOver>(std::move(over));
  carry_subtitles(*frame, over_);
  return out_.push(std::move(frame));
}

}  // namespace millrace::engine
