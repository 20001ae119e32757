#include "engine/pipeline/even_rate.h"

#include <algorithm>
#include <cstdlib>

#include "engine/plan/segment_clock.h"

namespace millrace::engine {

EvenRate::EvenRate(const Rational& rate, Sink<FramePtr>& out)
    : picture_{kTicksPerSecond * rate.denominator, rate.numerator}, out_(out) {}

std::int64_t EvenRate::place_of(std::int64_t ticks) const {
  return scale_rounded(ticks, {picture_.denominator, picture_.numerator});
}

std::int64_t EvenRate::ticks_of(std::int64_t place) const { return scale_rounded(place, picture_); }

Status EvenRate::show_until(std::int64_t place) {
  for (; place_ < place; ++place_) {
    FramePtr frame = share(*held_);
    frame->pts = ticks_of(place_);
    frame->time_base = kTicks;
    set_duration(*frame, ticks_of(place_ + 1) - frame->pts);
    if (Status status = out_.push(std::move(frame)); !status.ok()) return status;
  }
  return {};
}

Status EvenRate::push(FramePtr frame) {
  const std::int64_t ticks = frame->pts;
  const std::int64_t place = std::max(place_of(ticks), place_);
  if (held_ && place == place_ &&
      std::abs(held_ticks_ - ticks_of(place)) <= std::abs(ticks - ticks_of(place)))
    return {};
  if (held_)
    if (Status status = show_until(place); !status.ok()) return status;
  held_ = std::move(frame);
  held_ticks_ = ticks;
  place_ = place;
  return {};
}

Status EvenRate::finish() {
  if (held_) {
    const std::int64_t end = place_of(held_ticks_ + duration_of(*held_));
    // One that is due where the source ends already is not shown, unless it is all there is.
    const std::int64_t least = place_ == 0 ? 1 : 0;
    if (Status status = show_until(std::max(end, least)); !status.ok()) return status;
    held_.reset();
  }
  return out_.finish();
}

}  // namespace millrace::engine
