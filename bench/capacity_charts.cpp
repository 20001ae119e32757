// The plots of a capacity report.
#include <fmt/format.h>

#include <algorithm>

#include "bench/capacity_report.h"
#include "bench/report_html.h"
#include "bench/svg_lines.h"

namespace millrace::bench {
namespace {

std::string figure(const std::string& caption, const LineChart& chart) {
  return fmt::format("<figure><figcaption>{}</figcaption>\n{}</figure>\n", html_escaped(caption),
                     svg_of(chart));
}

// A line of what `value` gives of every sample that has it.
template <class Value>
Line line_of(const CapacityReport& report, const std::string& name, bool ours, const Value& value) {
  Line line;
  line.name = name;
  line.ours = ours;
  for (const CapacityRound& round : report.rounds)
    for (const LoadSample& sample : round.samples)
      if (const std::optional<double> y = value(sample)) line.points.emplace_back(sample.seconds, *y);
  return line;
}

// Every counted segment of one round over its media's time.
std::string lateness_chart(const CapacityReport& report, const CapacityRound& round) {
  Line line;
  line.dots = true;
  for (const StreamTimes& stream : round.times)
    for (const TimedSegment& each : stream.segments)
      if (each.media_end > report.warm_up)
        line.points.emplace_back(each.finished, lateness_of(each, report.usual));
  return figure(fmt::format("Lateness of every segment with {}: {}; dashed: half a segment",
                            streams_text(round.streams), round.verdict.holds ? "holds" : "does not hold"),
                {"lateness", "seconds late", {line}, report.segment_seconds / 2});
}

}  // namespace

std::string charts_html(const CapacityReport& report) {
  const auto streams = [](const LoadSample& each) { return std::optional<double>(each.streams); };
  const auto own = [](const LoadSample& each) { return std::optional<double>(each.own_cores); };
  const auto others = [](const LoadSample& each) { return std::optional<double>(each.other_cores); };
  const auto memory = [](const LoadSample& each) {
    return std::optional<double>(static_cast<double>(each.memory_bytes) * 1e-6);
  };
  const auto megahertz = [](const LoadSample& each) { return each.megahertz; };
  const auto watts = [](const LoadSample& each) { return each.watts; };
  std::string html = "<h2>Over time</h2>\n";
  html += figure("Streams that ran, round after round",
                 {"streams over time", "streams", {line_of(report, "", true, streams)}});
  for (const CapacityRound* round : {report.at_capacity(), report.beyond()})
    if (round != nullptr) html += lateness_chart(report, *round);
  html += figure("CPU time of all processes, in cores; dashed: what is granted",
                 {"cores over time",
                  "cores",
                  {line_of(report, "streams", true, own), line_of(report, "others", false, others)},
                  report.environment.core_budget});
  html += figure("Memory of the streams' processes (PSS)",
                 {"memory over time", "MB", {line_of(report, "", true, memory)}});
  if (const Line line = line_of(report, "", true, megahertz); !line.points.empty())
    html += figure("Clock of the cores", {"clock over time", "MHz", {line}});
  if (const Line line = line_of(report, "", true, watts); !line.points.empty())
    html += figure("Power of the processor packages", {"power over time", "watts", {line}});
  return html;
}

}  // namespace millrace::bench
