#include "engine/pipeline/frame_clock.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

Rational frame_ticks(const Rational& rate) {
  return rate.known() ? Rational{kTicksPerSecond * rate.denominator, rate.numerator} : Rational{3600, 1};
}

}  // namespace

FrameClock::FrameClock(const FrameTiming& timing, SegmentTally& tally, Sink<FramePtr>& out)
    : timing_(timing),
      frame_(frame_ticks(timing.frame_rate)),
      nominal_(std::max<std::int64_t>(scale_rounded(1, frame_), 1)),
      tally_(tally),
      out_(out) {}

std::int64_t FrameClock::exact_place(std::int64_t ticks) const {
  return scale_rounded(scale_rounded(ticks, {frame_.denominator, frame_.numerator}), frame_);
}

std::int64_t FrameClock::ticks_of(const AVFrame& frame) {
  if (!timing_.has_timestamps) return scale_rounded(frames_, frame_);
  if (frame.best_effort_timestamp == AV_NOPTS_VALUE) return frames_ == 0 ? 0 : last_ + nominal_;

  std::int64_t ticks =
      av_rescale_q(frame.best_effort_timestamp - timing_.first_pts, timing_.time_base, kTicks) + jumped_;
  if (timing_.constant_rate) {
    const std::int64_t unit = av_rescale_q_rnd(1, timing_.time_base, kTicks, AV_ROUND_UP);
    const std::int64_t exact = exact_place(ticks);
    if (std::abs(ticks - exact) <= std::min(unit, nominal_ / 4)) ticks = exact;
  }
  if (frames_ == 0 || ticks > last_) return ticks;
  if (last_ - ticks < kTicksPerSecond) return last_ + std::max<std::int64_t>(nominal_ / 2, 1);
  spdlog::warn("timestamps jump back by {:.3f} s at {:.3f} s; going on without the jump",
               static_cast<double>(last_ - ticks) / kTicksPerSecond,
               static_cast<double>(last_) / kTicksPerSecond);
  jumped_ += last_ + nominal_ - ticks;
  return last_ + nominal_;
}

Status FrameClock::push(FramePtr frame) {
  last_ = ticks_of(*frame);
  const std::int64_t given = av_rescale_q(duration_of(*frame), timing_.time_base, kTicks);
  const bool take_given = !timing_.constant_rate && timing_.has_timestamps && given > 0;
  last_duration_ = take_given ? given : nominal_;
  // From exact place to exact place: 3754, 3753 or so at 24000/1001.
  if (!take_given && exact_place(last_) == last_) last_duration_ = exact_place(last_ + nominal_) - last_;
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
