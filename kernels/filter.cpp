#include "kernels/filter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace millrace::kernels {
namespace {

constexpr double kC = 0.6;  // of Mitchell and Netravali's two-parameter family, b = 0

double bicubic(double x) {
  if (x < 1) return ((12 - 6 * kC) * x * x * x + (-18 + 6 * kC) * x * x + 6) / 6;
  if (x < 2) return (-6 * kC * x * x * x + 30 * kC * x * x - 48 * kC * x + 24 * kC) / 6;
  return 0;
}

double lanczos3(double x) {
  if (x < 1e-9) return 1;
  if (x >= 3) return 0;
  const double angle = std::numbers::pi * x;
  return 3 * std::sin(angle) * std::sin(angle / 3) / (angle * angle);
}

}  // namespace

double filter_at(Filter filter, double x) {
  const double distance = std::abs(x);
  return filter == Filter::bicubic ? bicubic(distance) : lanczos3(distance);
}

double filter_radius(Filter filter) { return filter == Filter::bicubic ? 2 : 3; }

AxisTable make_axis(Filter filter, std::int32_t source, std::int32_t target, double ratio, double offset) {
  const double widening = std::max(1.0, ratio);
  const double support = filter_radius(filter) * widening;
  const auto reach = static_cast<std::int32_t>(std::ceil(2 * support));
  AxisTable table;
  table.taps = std::min(reach, source);
  table.first.resize(static_cast<std::size_t>(target));
  table.weights.resize(static_cast<std::size_t>(table.taps) * static_cast<std::size_t>(target));
  std::vector<double> held;
  for (std::int32_t i = 0; i < target; ++i) {
    const double centre = (i + 0.5) * ratio - 0.5 + offset;
    const auto begin = static_cast<std::int32_t>(std::floor(centre - support)) + 1;
    const std::int32_t first = std::clamp(begin, 0, source - table.taps);
    held.assign(static_cast<std::size_t>(table.taps), 0.0);
    double sum = 0;
    for (std::int32_t sample = begin; sample < begin + reach; ++sample) {
      const double weight = filter_at(filter, (sample - centre) / widening);
      const std::int32_t inside = std::clamp(sample, 0, source - 1);
      held[static_cast<std::size_t>(inside - first)] += weight;
      sum += weight;
    }
    table.first[static_cast<std::size_t>(i)] = first;
    for (std::int32_t tap = 0; tap < table.taps; ++tap)
      table.weights[static_cast<std::size_t>(tap) * static_cast<std::size_t>(target) +
                    static_cast<std::size_t>(i)] =
          static_cast<float>(held[static_cast<std::size_t>(tap)] / sum);
  }
  return table;
}

}  // namespace millrace::kernels
