#include "bench/svg_bars.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/report_html.h"

namespace millrace::bench {
namespace {

constexpr int kWidth = 720;
constexpr int kBarsLeft = 230;
constexpr int kBarsRight = 560;  // values are written right of it
constexpr int kRow = 34;
constexpr int kBar = 18;

}  // namespace

std::string svg_of(const BarChart& chart) {
  double most = chart.limit.value_or(0);
  for (const Bar& bar : chart.bars) most = std::max(most, bar.spread.most);
  if (most <= 0) most = 1;
  const auto x = [&](double value) { return kBarsLeft + value / most * (kBarsRight - kBarsLeft); };
  const int height = static_cast<int>(chart.bars.size()) * kRow + 6;
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                                height, html_escaped(chart.title));
  int top = 8;
  for (const Bar& bar : chart.bars) {
    const int middle = top + kBar / 2;
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kBarsLeft - 10, middle + 5,
                       html_escaped(bar.label));
    svg += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" rx=\"2\"/>\n",
                       bar.ours ? "ours" : "theirs", kBarsLeft, top, x(bar.spread.median) - kBarsLeft, kBar);
    if (bar.spread.most > bar.spread.least) {
      svg +=
          fmt::format("<path class=\"range\" d=\"M{0:.1f} {2}V{3}M{0:.1f} {4}H{1:.1f}M{1:.1f} {2}V{3}\"/>\n",
                      x(bar.spread.least), x(bar.spread.most), middle - 5, middle + 5, middle);
    }
    svg += fmt::format("<text class=\"value\" x=\"{}\" y=\"{}\">{}</text>\n", kBarsRight + 10, middle + 5,
                       html_escaped(bar.value));
    top += kRow;
  }
  if (chart.limit)
    svg += fmt::format("<path class=\"limit\" d=\"M{0:.1f} 0V{1}\"/>\n", x(*chart.limit), height);
  return svg + "</svg>\n";
}

}  // namespace millrace::bench
