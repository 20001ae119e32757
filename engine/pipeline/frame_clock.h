// FrameClock puts decoded pictures on the job's clock: ticks of 1/90000 s since the source's first picture,
// or since the trim's start, always rising. Pictures before the trim have ticks below 0.
#pragma once

#include <cstdint>
#include <string>

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
  // Timestamps that go back are mended; false refuses them: whoever starts in the middle would not know of
  // it.
  bool read_from_start = true;
  std::int64_t trim_from = 0;  // ticks after the first picture: what the job's clock calls 0
  std::string path = {};       // for messages
};

class FrameClock final : public Sink<FramePtr> {
 public:
  // A picture that is shown for longer (12 h) is taken for a damaged timestamp: all its segments would be
  // made.
  static constexpr std::int64_t kLongestStill = 12 * 3600 * kTicksPerSecond;

  FrameClock(const FrameTiming& timing, SegmentTally& tally, Sink<FramePtr>& out);

  // Sets pts, duration and time_base of the frame. corrupt_input for a gap of more than half a day, and for
  // one back where it cannot be mended.
  Status push(FramePtr frame) override;
  // Notes in the tally where the last picture ends.
  Status finish() override;

 private:
  Result<std::int64_t> ticks_of(const AVFrame& frame);
  // The number of the frame closest to this time, counted from 0 at the exact rate, and back.
  std::int64_t index_at(std::int64_t ticks) const;
  std::int64_t place_of(std::int64_t index) const { return scale_rounded(index, frame_); }
  Status jump(std::int64_t ticks) const;

  const FrameTiming timing_;
  const Rational frame_;        // ticks of one frame, exactly
  const std::int64_t nominal_;  // rounded
  const std::int64_t trimmed_;  // frames before the trim, at a constant rate
  SegmentTally& tally_;
  Sink<FramePtr>& out_;
  std::int64_t frames_ = 0;
  std::int64_t last_ = 0;
  std::int64_t last_duration_ = 0;
  std::int64_t jumped_ = 0;  // what jumps back in the source's timestamps added up to
};

}  // namespace millrace::engine
