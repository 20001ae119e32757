#include "bench/svg_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/report_html.h"

namespace millrace::bench {
namespace {

constexpr int kWidth = 720;
constexpr int kHeight = 230;
constexpr int kLeft = 60;
constexpr int kRight = 700;
constexpr int kTop = 24;  // the legend is above
constexpr int kBottom = 200;

// 1, 2 or 5 times a power of ten, at most five of which reach `most`.
double tick_for(double most) {
  const double power = std::pow(10, std::floor(std::log10(most / 5)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (power * factor * 5 >= most) return power * factor;
  return power * 10;
}

struct Scale {
  double x_most = 0;
  double y_most = 0;
  double x(double value) const { return kLeft + value / x_most * (kRight - kLeft); }
  double y(double value) const { return kBottom - value / y_most * (kBottom - kTop); }
};

Scale scale_of(const LineChart& chart) {
  Scale scale{0, chart.limit.value_or(0)};
  for (const Line& line : chart.lines) {
    for (const auto& [x, y] : line.points) {
      scale.x_most = std::max(scale.x_most, x);
      scale.y_most = std::max(scale.y_most, y);
    }
  }
  if (scale.x_most <= 0) scale.x_most = 1;
  if (scale.y_most <= 0) scale.y_most = 1;
  scale.y_most *= 1.05;
  return scale;
}

std::string axes(const Scale& scale, const std::string& unit) {
  std::string svg =
      fmt::format("<path class=\"axis\" d=\"M{0} {1}V{2}H{3}\"/>\n", kLeft, kTop, kBottom, kRight);
  const double y_tick = tick_for(scale.y_most);
  for (double y = 0; y <= scale.y_most; y += y_tick)
    svg += fmt::format("<text class=\"value\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n",
                       kLeft - 8, scale.y(y) + 4, y);
  const double x_tick = tick_for(scale.x_most);
  for (double x = 0; x <= scale.x_most; x += x_tick)
    svg += fmt::format("<text class=\"value\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g} s</text>\n",
                       scale.x(x), kBottom + 18, x);
  return svg + fmt::format("<text class=\"value\" x=\"4\" y=\"14\">{}</text>\n", html_escaped(unit));
}

std::string drawn(const Line& line, const Scale& scale) {
  const char* kind = line.ours ? "ours" : "theirs";
  std::string svg;
  if (line.dots) {
    for (const auto& [x, y] : line.points)
      svg += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>\n", kind, scale.x(x),
                         scale.y(y));
    return svg;
  }
  for (const auto& [x, y] : line.points)
    svg += fmt::format("{}{:.1f} {:.1f}", svg.empty() ? "M" : "L", scale.x(x), scale.y(y));
  return svg.empty() ? svg : fmt::format("<path class=\"line {}\" d=\"{}\"/>\n", kind, svg);
}

}  // namespace

std::string svg_of(const LineChart& chart) {
  const Scale scale = scale_of(chart);
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                                kHeight, html_escaped(chart.title));
  svg += axes(scale, chart.unit);
  int legend = kLeft + 60;
  for (const Line& line : chart.lines) {
    svg += drawn(line, scale);
    if (line.name.empty()) continue;
    svg += fmt::format(
        "<rect class=\"{}\" x=\"{}\" y=\"5\" width=\"10\" height=\"10\"/><text x=\"{}\" y=\"14\">{}</text>\n",
        line.ours ? "ours" : "theirs", legend, legend + 15, html_escaped(line.name));
    legend += 40 + 8 * static_cast<int>(line.name.size());
  }
  if (chart.limit)
    svg += fmt::format("<path class=\"limit\" d=\"M{} {:.1f}H{}\"/>\n", kLeft, scale.y(*chart.limit), kRight);
  return svg + "</svg>\n";
}

}  // namespace millrace::bench
