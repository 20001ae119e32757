#include "engine/pipeline/burn_stage.h"

#include <algorithm>

#include "engine/pipeline/burn_text.h"
#include "engine/pipeline/burn_track.h"
#include "engine/plan/subtitle_planner.h"

namespace millrace::engine {

Status BurnStage::add(const Plan& plan, int stream, std::int64_t start_ticks, DamageLog& damage,
                      const std::stop_token& stop) {
  if (stream < 0 || tracks_.contains(stream)) return {};
  const auto& others = plan.source.other;
  const bool is_text = std::any_of(others.begin(), others.end(), [&](const OtherTrack& track) {
    return track.index == stream && is_text_subtitle(track);
  });
  if (is_text) {
    auto text = BurnText::open(plan, stream, damage, stop);
    if (!text.ok()) return text.status();
    tracks_[stream] = std::move(*text);
    return {};
  }
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
