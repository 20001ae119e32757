#include "engine/pipeline/frame_clock.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

double nominal_ticks(const Rational& rate) {
  return rate.known() ? static_cast<double>(kTicksPerSecond) / rate.as_double()
                      : static_cast<double>(kTicksPerSecond) / 25.0;
}

}  // namespace

FrameClock::FrameClock(const FrameTiming& timing, SegmentTally& tally, Sink<FramePtr>& out)
    : timing_(timing), nominal_(nominal_ticks(timing.frame_rate)), tally_(tally), out_(out) {}

std::int64_t FrameClock::ticks_of(const AVFrame& frame) {
  const std::int64_t nominal = std::max<std::int64_t>(std::llround(nominal_), 1);
  if (!timing_.has_timestamps) return std::llround(static_cast<double>(frames_) * nominal_);
  if (frame.best_effort_timestamp == AV_NOPTS_VALUE) return frames_ == 0 ? 0 : last_ + nominal;

  std::int64_t ticks =
      av_rescale_q(frame.best_effort_timestamp - timing_.first_pts, timing_.time_base, kTicks) + jumped_;
  if (timing_.constant_rate && timing_.frame_rate.known()) {
    const double count = std::round(static_cast<double>(ticks) / nominal_);
    const std::int64_t exact = std::llround(count * nominal_);
    const std::int64_t unit = av_rescale_q_rnd(1, timing_.time_base, kTicks, AV_ROUND_UP);
    if (std::abs(ticks - exact) <= std::min(unit, nominal / 4)) ticks = exact;
  }
  if (frames_ == 0 || ticks > last_) return ticks;
  if (last_ - ticks < kTicksPerSecond) return last_ + std::max<std::int64_t>(nominal / 2, 1);
  spdlog::warn("timestamps jump back by {:.3f} s at {:.3f} s; going on without the jump",
               static_cast<double>(last_ - ticks) / kTicksPerSecond,
               static_cast<double>(last_) / kTicksPerSecond);
  jumped_ += last_ + nominal - ticks;
  return last_ + nominal;
}

Status FrameClock::push(FramePtr frame) {
  last_ = ticks_of(*frame);
  const std::int64_t given = av_rescale_q(duration_of(*frame), timing_.time_base, kTicks);
  const std::int64_t nominal = std::max<std::int64_t>(std::llround(nominal_), 1);
  const bool take_given = !timing_.constant_rate && timing_.has_timestamps && given > 0;
  last_duration_ = take_given ? given : nominal;
  if (timing_.constant_rate && timing_.frame_rate.known()) {
    // From exact place to exact place: 3753, 3754, ... at 24000/1001.
    const double count = std::round(static_cast<double>(last_) / nominal_);
    if (std::llround(count * nominal_) == last_)
      last_duration_ = std::llround((count + 1) * nominal_) - last_;
  }
  ++frames_;
  frame->pts = last_;
  frame->time_base = kTicks;
  set_duration(*frame, last_duration_);
  return out_.push(std::move(frame));
}

Status FrameClock::finish() {
  tally_.set_source_end(frames_ == 0 ? 0 : last_ + last_duration_);
  return out_.finish();
}

}  // namespace millrace::engine
