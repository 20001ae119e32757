#include "bench/gpu_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

constexpr double kLeastShare = 0.9;

std::string why_not_run(const GpuReport& report) {
  return report.absence.empty() ? "" : "not run: " + report.absence;
}

Target sessions_target(const GpuReport& report, const SessionsFigures& each) {
  Target target{fmt::format("decode and ladder in {} sessions", each.sessions),
                fmt::format("at least {:.0f} % of decoding alone", 100 * kLeastShare), why_not_run(report),
                Verdict::not_measured};
  if (each.share() > 0) {
    target.measured = fmt::format("{:.1f} %", 100 * each.share());
    target.verdict = each.share() >= kLeastShare ? Verdict::met : Verdict::not_met;
  }
  return target;
}

Target ladder_target(const GpuReport& report) {
  Target target{
      "the ladder job with the device", "less wall time than on the CPU alone", {}, Verdict::not_measured};
  target.measured = report.absence.empty() ? report.left_device : why_not_run(report);
  if (!target.measured.empty() || report.on_device.runs.empty() || report.on_cpu.runs.empty()) return target;
  const double there = report.on_device.wall_seconds().median, here = report.on_cpu.wall_seconds().median;
  target.measured = fmt::format("{:.2f} s against {:.2f} s", there, here);
  target.verdict = there < here ? Verdict::met : Verdict::not_met;
  return target;
}

std::string rate_text(const std::vector<double>& rates) {
  const Spread spread = spread_of(rates);
  return fmt::format("{:.0f} ({:.0f}..{:.0f})", spread.median, spread.least, spread.most);
}

}  // namespace

double SessionsFigures::share() const {
  const double alone = spread_of(decode).median;
  return alone > 0 ? spread_of(ladder).median / alone : 0;
}

GpuReport gpu_not_run(Environment environment, const std::vector<int>& sessions, const std::string& why) {
  GpuReport report;
  report.environment = std::move(environment);
  report.absence = why;
  for (const int each : sessions) report.sessions.push_back({each, {}, {}});
  report.targets = judge(report);
  return report;
}

std::vector<Target> judge(const GpuReport& report) {
  std::vector<Target> targets;
  for (const SessionsFigures& each : report.sessions) targets.push_back(sessions_target(report, each));
  targets.push_back(ladder_target(report));
  return targets;
}

std::string figures_text(const GpuReport& report) {
  if (!report.absence.empty())
    return "Nothing was run: " + report.absence + "\n\n" + targets_text(report.targets);
  std::string text =
      fmt::format("Device: {}\nPictures a second of all sessions: median (least..most) of {} rounds\n",
                  report.device, report.rounds);
  for (const SessionsFigures& each : report.sessions)
    text += fmt::format("  {} sessions: decoded alone {}, into the ladder {}: {:.1f} %\n", each.sessions,
                        rate_text(each.decode), rate_text(each.ladder), 100 * each.share());
  text += "\nThe ladder as a job with sound\n";
  const std::vector<const WayFigures*> ways = {&report.on_device, &report.on_cpu};
  text += ways_text(ways, report.rounds);
  for (const std::string& each : report.stages) text += "  " + each + "\n";
  return text + "\n" + targets_text(report.targets) + "\n" + commands_text(ways);
}

nlohmann::ordered_json to_json(const GpuReport& report) {
  nlohmann::ordered_json sessions = nlohmann::ordered_json::array();
  for (const SessionsFigures& each : report.sessions)
    sessions.push_back({{"sessions", each.sessions},
                        {"decode_pictures_per_second", spread_json(each.decode)},
                        {"ladder_pictures_per_second", spread_json(each.ladder)},
                        {"share", each.share()}});
  return {{"kind", "gpu"},
          {"version", 1},
          {"environment", environment_json(report.environment)},
          {"not_run", text_or_null(report.absence)},
          {"device", report.device},
          {"rounds", report.rounds},
          {"sessions", sessions},
          {"on_device", way_json(report.on_device)},
          {"on_cpu", way_json(report.on_cpu)},
          {"stages", report.stages},
          {"left_device", text_or_null(report.left_device)},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
