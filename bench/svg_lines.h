// Lines and points over time as inline SVG, with axes. Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace millrace::bench {

struct Line {
  std::string name;                               // in the legend; empty: not there
  std::vector<std::pair<double, double>> points;  // x in seconds, y in the chart's unit
  bool ours = true;                               // drawn in the accent colour
  bool dots = false;                              // each point alone
};

struct LineChart {
  std::string title;  // for those who cannot see it
  std::string unit;   // of y: "streams"
  std::vector<Line> lines;
  std::optional<double> limit = std::nullopt;  // a dashed line across
};

// Axes begin at 0.
std::string svg_of(const LineChart& chart);

}  // namespace millrace::bench
