// SegmentClock: the one grid of all renditions. Segment i covers [i * segment_ticks, (i + 1) *
// segment_ticks). Pure.
#pragma once

#include <cstdint>

#include "engine/base/rational.h"

namespace millrace::engine {

// Time inside a job: ticks of 1/90000 s since the first video frame of the source (or its first sound when it
// has no video).
constexpr std::int64_t kTicksPerSecond = 90'000;

// The rate that is meant: containers with coarse times give averages such as 29.9703, and a grid of these
// would drift. A rate that is near no usual one stays.
Rational usual_rate(const Rational& rate);

class SegmentClock {
 public:
  SegmentClock() = default;
  explicit SegmentClock(std::int64_t segment_ticks) : segment_ticks_(segment_ticks) {}

  // The grid for segments of about `seconds`: rounded to whole frames when the rate is constant and known, so
  // that every segment has the same number of frames (29.97 fps, 4 s: 120 frames, 360360 ticks).
  static SegmentClock for_rate(double seconds, const Rational& frame_rate, bool constant_rate);

  std::int64_t segment_ticks() const { return segment_ticks_; }
  std::int64_t start_of(std::int64_t segment) const { return segment * segment_ticks_; }
  // The segment a timestamp lies in; timestamps before 0 belong to segment 0.
  std::int64_t segment_at(std::int64_t ticks) const { return ticks < 0 ? 0 : ticks / segment_ticks_; }
  // Segments that `seconds` of media fill, at least 1.
  std::int64_t count_for(double seconds) const;

 private:
  std::int64_t segment_ticks_ = 4 * kTicksPerSecond;
};

}  // namespace millrace::engine
