// RateLimiter drops frames above a rate, evenly and by their timestamps alone. The first frame of every
// segment stays, so that all renditions open a segment with the same frame and ranges made apart agree.
#pragma once

#include <cstdint>

#include "engine/base/rational.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/segment_clock.h"

namespace millrace::engine {

class RateLimiter final : public Sink<FramePtr> {
 public:
  // A rate that is not known lets every frame through.
  RateLimiter(const Rational& max_rate, const SegmentClock& clock, Sink<FramePtr>& out)
      : max_rate_(max_rate), clock_(clock), out_(out) {}

  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  const Rational max_rate_;
  const SegmentClock clock_;
  Sink<FramePtr>& out_;
  std::int64_t segment_ = -1;
  std::int64_t origin_ = 0;  // of the segment's first frame
  std::int64_t slot_ = -1;   // the newest 1/max_rate interval since the origin that has its frame
};

}  // namespace millrace::engine
