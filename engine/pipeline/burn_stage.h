// BurnStage gives every picture the subtitles that are to be burnt into it, for the overlay stages of the
// renditions (OverlayStage) to lay at their own resolution. One thread.
#pragma once

#include <map>
#include <memory>
#include <stop_token>

#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/sink.h"
#include "engine/pipeline/subtitle_picture.h"

namespace millrace::engine {

class BurnStage final : public Sink<FramePtr> {
 public:
  // Passes everything on until tracks are added.
  explicit BurnStage(Sink<FramePtr>& out) : out_(out) {}

  // Opens the track of this stream of the plan's source, once; -1 is none. Before the first picture. As
  // BurnText::open, where it is text, or BurnTrack::open.
  Status add(const Plan& plan, int stream, std::int64_t start_ticks, DamageLog& damage,
             const std::stop_token& stop);

  // Pictures in ticks on the job's clock, which rise.
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  Sink<FramePtr>& out_;
  std::map<int, std::unique_ptr<SubtitleShow>> tracks_;  // by their streams
  std::shared_ptr<const SubtitlesOver> over_;            // what the last picture got; null: nothing
};

}  // namespace millrace::engine
