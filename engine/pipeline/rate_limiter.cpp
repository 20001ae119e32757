#include "engine/pipeline/rate_limiter.h"

namespace millrace::engine {

Status RateLimiter::push(FramePtr frame) {
  if (!max_rate_.known()) return out_.push(std::move(frame));
  const std::int64_t segment = clock_.segment_at(frame->pts);
  if (segment != segment_) {
    segment_ = segment;
    origin_ = frame->pts;
    slot_ = -1;
  }
  // Half a tick per frame of slack: timestamps are rounded to ticks.
  const std::int64_t slot =
      (2 * (frame->pts - origin_) + 1) * max_rate_.numerator / (2 * kTicksPerSecond * max_rate_.denominator);
  if (slot <= slot_) return {};
  slot_ = slot;
  return out_.push(std::move(frame));
}

}  // namespace millrace::engine
