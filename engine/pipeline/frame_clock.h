// FrameClock puts decoded pictures on the job's clock: ticks of 1/90000 s since the source's first picture,
// always rising.
#pragma once

#include <cstdint>

#include "engine/base/rational.h"
#include "engine/pipeline/segment_tally.h"
#include "engine/pipeline/sink.h"

namespace millrace::engine {

struct FrameTiming {
  AVRational time_base{1, 90'000};
  std::int64_t first_pts = 0;  // of the source's first picture shown, in time_base
  Rational frame_rate;         // not known: 25 where one is needed
  bool constant_rate = true;   // timestamps within a unit of the exact rate are taken for rounding
  bool has_timestamps = true;  // false: made from the frame rate (raw streams)
};

class FrameClock final : public Sink<FramePtr> {
 public:
  FrameClock(const FrameTiming& timing, SegmentTally& tally, Sink<FramePtr>& out);

  // Sets pts, duration and time_base of the frame.
  Status push(FramePtr frame) override;
  // Notes in the tally where the last picture ends.
  Status finish() override;

 private:
  std::int64_t ticks_of(const AVFrame& frame);
  // Of the frame closest to this time, counted from 0 at the exact rate.
  std::int64_t exact_place(std::int64_t ticks) const;

  const FrameTiming timing_;
  const Rational frame_;        // ticks of one frame, exactly
  const std::int64_t nominal_;  // rounded
  SegmentTally& tally_;
  Sink<FramePtr>& out_;
  std::int64_t frames_ = 0;
  std::int64_t last_ = 0;
  std::int64_t last_duration_ = 0;
  std::int64_t jumped_ = 0;  // what jumps back in the source's timestamps added up to
};

}  // namespace millrace::engine
