#include "engine/plan/segment_clock.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace millrace::engine {

Rational usual_rate(const Rational& rate) {
  static constexpr std::array<Rational, 12> kUsual = {{{24000, 1001},
                                                       {24, 1},
                                                       {25, 1},
                                                       {30000, 1001},
                                                       {30, 1},
                                                       {48, 1},
                                                       {50, 1},
                                                       {60000, 1001},
                                                       {60, 1},
                                                       {100, 1},
                                                       {120000, 1001},
                                                       {120, 1}}};
  const double value = rate.as_double();
  for (const Rational& usual : kUsual)
    if (std::abs(value / usual.as_double() - 1) < 2e-4) return usual;
  return rate;
}

SegmentClock SegmentClock::for_rate(double seconds, const Rational& frame_rate, bool constant_rate) {
  const auto plain = std::max<std::int64_t>(1, std::llround(seconds * kTicksPerSecond));
  if (!constant_rate || !frame_rate.known()) return SegmentClock(plain);
  const Rational rate = usual_rate(frame_rate);
  const auto frames = std::max(1.0, std::round(seconds * rate.as_double()));
  // Rounded down: a boundary just before its frame cuts right, one just after it would cut a frame late.
  const double ticks = frames * static_cast<double>(kTicksPerSecond) * static_cast<double>(rate.denominator) /
                       static_cast<double>(rate.numerator);
  return SegmentClock(std::max<std::int64_t>(1, static_cast<std::int64_t>(ticks + 1e-6)));
}

std::int64_t SegmentClock::count_for(double seconds) const {
  const auto ticks = std::llround(seconds * kTicksPerSecond);
  return std::max<std::int64_t>(1, (ticks + segment_ticks_ - 1) / segment_ticks_);
}

}  // namespace millrace::engine
