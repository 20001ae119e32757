#include "engine/pipeline/decode_times.h"

#include <algorithm>
#include <limits>

#include "engine/plan/segment_clock.h"

namespace millrace::engine {

std::int64_t reorder_shift(int reorder_frames, const Rational& frame_rate) {
  const Rational rate = frame_rate.known() ? frame_rate : Rational{25, 1};
  const std::int64_t ticks = reorder_frames * kTicksPerSecond * rate.denominator;
  return (ticks + rate.numerator - 1) / rate.numerator;
}

std::vector<std::int64_t> decode_times(const std::vector<std::int64_t>& pts, std::int64_t shift) {
  std::vector<std::int64_t> dts = pts;
  std::sort(dts.begin(), dts.end());
  // From the back: no later than any frame still to come may be shown, and before the next one.
  std::int64_t latest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = pts.size(); i-- > 0;) {
    latest = std::min(latest, pts[i]);
    dts[i] = std::min(dts[i] - shift, latest);
    latest = dts[i] - 1;
  }
  return dts;
}

}  // namespace millrace::engine
