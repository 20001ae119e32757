// Horizontal bars as inline SVG, with the least and the most of each as a line across its end. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/spread.h"

namespace millrace::bench {

struct Bar {
  std::string label;
  Spread spread;      // in the chart's unit
  std::string value;  // as written beside the bar
  bool ours = false;  // drawn in the accent colour
};

struct BarChart {
  std::string title;  // for those who cannot see it
  std::vector<Bar> bars;
  std::optional<double> limit;  // a dashed line
};

std::string svg_of(const BarChart& chart);

}  // namespace millrace::bench
