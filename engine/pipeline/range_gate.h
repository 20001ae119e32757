// RangeGate lets the pictures of segments [first, end) through. A segment in which the source shows nothing
// new (a long still in a variable rate source) is opened with the picture before it, so that every segment of
// the grid has one.
#pragma once

#include <cstdint>

#include "engine/pipeline/segment_tally.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/segment_clock.h"

namespace millrace::engine {

class RangeGate final : public Sink<FramePtr> {
 public:
  // `end` < 0: no end. Frames carry ticks.
  RangeGate(const SegmentClock& clock, std::int64_t first, std::int64_t end, SegmentTally& tally,
            Sink<FramePtr>& out);

  Status push(FramePtr frame) override;
  // Notes the range's end in the tally before it passes the end on.
  Status finish() override;

  // A frame after the range has come: nothing more is needed from the source.
  bool past_end() const { return past_end_; }
  // One past the last segment that got a frame.
  std::int64_t end_segment() const { return next_; }
  std::int64_t frames() const { return frames_; }
  std::int64_t last_pts() const { return last_pts_; }

 private:
  Status pass(FramePtr frame, std::int64_t segment);

  const SegmentClock clock_;
  const std::int64_t first_;
  const std::int64_t end_;
  SegmentTally& tally_;
  Sink<FramePtr>& out_;
  FramePtr previous_;  // the picture shown last, in the range or before it
  std::int64_t next_;  // the segment after the newest one
  std::int64_t frames_ = 0;
  std::int64_t last_pts_ = 0;
  bool past_end_ = false;
};

}  // namespace millrace::engine
