#include "engine/pipeline/frame_clock.h"

#include <fmt/format.h>
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
      trimmed_(index_at(timing.trim_from)),
      tally_(tally),
      out_(out) {}

std::int64_t FrameClock::index_at(std::int64_t ticks) const {
  return scale_rounded(ticks, {frame_.denominator, frame_.numerator});
}

Status FrameClock::jump(std::int64_t ticks) const {
  return Status(
      Code::corrupt_input,
      fmt::format("{}: at {:.3f} s: the next picture's timestamp lies {:.3f} s {}; remux or record the "
                  "file again so that timestamps rise evenly",
                  timing_.path, static_cast<double>(last_ + timing_.trim_from) / kTicksPerSecond,
                  static_cast<double>(std::abs(ticks - last_)) / kTicksPerSecond,
                  ticks < last_ ? "before this one" : "after this one"));
}

Result<std::int64_t> FrameClock::ticks_of(const AVFrame& frame) {
  if (!timing_.has_timestamps) return place_of(frames_ - trimmed_);
  if (frame.best_effort_timestamp == AV_NOPTS_VALUE)
    return frames_ == 0 ? -timing_.trim_from : last_ + nominal_;

  const std::int64_t given =
      av_rescale_q(frame.best_effort_timestamp - timing_.first_pts, timing_.time_base, kTicks) + jumped_;
  std::int64_t ticks = given - timing_.trim_from;
  if (timing_.constant_rate) {
    const std::int64_t unit = av_rescale_q_rnd(1, timing_.time_base, kTicks, AV_ROUND_UP);
    const std::int64_t index = index_at(given);
    if (std::abs(given - place_of(index)) <= std::min(unit, nominal_ / 4)) ticks = place_of(index - trimmed_);
  }
  if (frames_ == 0) return ticks;
  if (ticks > last_ + kLongestStill) return jump(ticks);
  if (ticks > last_) return ticks;
  if (last_ - ticks < kTicksPerSecond) return last_ + std::max<std::int64_t>(nominal_ / 2, 1);
  if (!timing_.read_from_start) return jump(ticks);
  spdlog::warn("{}: timestamps jump back by {:.3f} s at {:.3f} s; going on without the jump", timing_.path,
               static_cast<double>(last_ - ticks) / kTicksPerSecond,
               static_cast<double>(last_) / kTicksPerSecond);
  jumped_ += last_ + nominal_ - ticks;
  return last_ + nominal_;
}

Status FrameClock::push(FramePtr frame) {
  const auto ticks = ticks_of(*frame);
  if (!ticks.ok()) return ticks.status();
  last_ = *ticks;
  const std::int64_t given = av_rescale_q(duration_of(*frame), timing_.time_base, kTicks);
  const bool take_given =
      !timing_.constant_rate && timing_.has_timestamps && given > 0 && given <= kLongestStill;
  last_duration_ = take_given ? given : nominal_;
  // From exact place to exact place: 3754, 3753 or so at 24000/1001.
  if (const std::int64_t index = index_at(last_); !take_given && place_of(index) == last_)
    last_duration_ = place_of(index + 1) - last_;
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
