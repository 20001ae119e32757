#include "bench/cores_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

constexpr double kMostStretch = 1.1;

}  // namespace

double CoresFigures::stretch() const {
  if (way.runs.empty() || way.cpu_seconds().median <= 0) return 0;
  return way.wall_seconds().median * cores / way.cpu_seconds().median;
}

std::vector<Target> judge(const CoresReport& report) {
  std::vector<Target> targets;
  for (const CoresFigures& each : report.on) {
    Target target;
    target.what = fmt::format("wall time on {}, against CPU seconds / {}",
                              each.cores == 1 ? "1 core" : fmt::format("{} cores", each.cores), each.cores);
    target.limit = fmt::format("at most {:.2f} x", kMostStretch);
    if (each.stretch() > 0) {
      target.measured =
          fmt::format("{:.3f} x ({:.2f} s / {:.2f} s, medians)", each.stretch(),
                      each.way.wall_seconds().median, each.way.cpu_seconds().median / each.cores);
      target.verdict = each.stretch() <= kMostStretch ? Verdict::met : Verdict::not_met;
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

std::string figures_text(const CoresReport& report) {
  std::vector<const WayFigures*> ways;
  std::string layouts = "Ranges and threads\n";
  for (const CoresFigures& each : report.on) {
    ways.push_back(&each.way);
    layouts += fmt::format("{:<10}{}\n", each.way.name, each.layout);
  }
  return ways_text(ways, report.rounds) + "\n" + layouts + "\n" + targets_text(report.targets) + "\n" +
         commands_text(ways);
}

nlohmann::ordered_json to_json(const CoresReport& report) {
  nlohmann::ordered_json on = nlohmann::ordered_json::array();
  for (const CoresFigures& each : report.on)
    on.push_back({{"cores", each.cores},
                  {"layout", each.layout},
                  {"way", way_json(each.way)},
                  {"stretch", each.stretch()}});
  return {{"kind", "cores"},
          {"environment", environment_json(report.environment)},
          {"rounds", report.rounds},
          {"on", std::move(on)},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
