#include "bench/kernels_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

constexpr double kLeastShare = 0.7;
constexpr double kFewerLaunches = 3;
constexpr double kLessTime = 2;

double share_of(const KernelsReport& report, const KernelFigures& figures) {
  return report.copy_bytes_per_second > 0 ? figures.bytes_per_second() / report.copy_bytes_per_second : 0;
}

Target not_run(std::string what, std::string limit, const std::string& why) {
  return {std::move(what), std::move(limit), "not run: " + why, Verdict::not_measured};
}

std::string bandwidth_limit() {
  return fmt::format("at least {:.0f} % of the copies' bandwidth", 100 * kLeastShare);
}

Target bandwidth_target(const KernelsReport& report, const KernelFigures& figures) {
  Target target{figures.what, bandwidth_limit(), {}, {}};
  target.verdict = Verdict::not_measured;
  if (const double share = share_of(report, figures); share > 0) {
    target.measured = fmt::format("{:.0f} %", 100 * share);
    target.verdict = share >= kLeastShare ? Verdict::met : Verdict::not_met;
  }
  return target;
}

void judge_comparison(const LadderComparison& each, std::vector<Target>& targets) {
  const std::string launches = each.what + ": launches a frame", time = each.what + ": time a frame";
  const std::string fewer = fmt::format("{:.0f} times fewer than by FFmpeg's filters", kFewerLaunches);
  const std::string less = fmt::format("{:.0f} times less than by FFmpeg's filters", kLessTime);
  if (!each.absence.empty()) {
    targets.push_back(not_run(launches, fewer, each.absence));
    targets.push_back(not_run(time, less, each.absence));
    return;
  }
  const bool met = each.filters.launches >= kFewerLaunches * each.fused.launches;
  targets.push_back({launches, fewer,
                     fmt::format("{} against {}", each.fused.launches, each.filters.launches),
                     met ? Verdict::met : Verdict::not_met});
  const double ours = spread_of(each.fused.microseconds).median;
  const double theirs = spread_of(each.filters.microseconds).median;
  Target target{time, less, {}, Verdict::not_measured};
  if (ours > 0 && theirs > 0) {
    target.measured =
        fmt::format("{:.1f} against {:.1f} microseconds: {:.2f} times less", ours, theirs, theirs / ours);
    target.verdict = theirs >= kLessTime * ours ? Verdict::met : Verdict::not_met;
  }
  targets.push_back(std::move(target));
}

std::string side_line(const char* name, const ComparisonSide& side) {
  const Spread all = spread_of(side.microseconds), queued = spread_of(side.queued_microseconds);
  std::string text =
      fmt::format("    {}: {:.1f} ({:.1f}..{:.1f}) in {} rounds, of which the host's calls {:.1f}; {} {}",
                  name, all.median, all.least, all.most, side.microseconds.size(), queued.median,
                  side.launches, side.launches == 1 ? "launch" : "launches");
  if (side.least_decibels) text += fmt::format("; worst rung {:.1f} dB", *side.least_decibels);
  return text + "\n";
}

std::string comparisons_text(const KernelsReport& report) {
  if (report.comparisons.empty()) return "";
  std::string text =
      "Against scale_cuda and overlay_cuda, in turn: microseconds a frame, median (least..most), until the "
      "device is\ndone; launches of filters as FFmpeg's source has them; decibels: luma of a zone plate "
      "against "
      "libswscale\n";
  for (const LadderComparison& each : report.comparisons) {
    text += "  " + each.what + "\n" + side_line("one launch", each.fused);
    text += each.absence.empty() ? side_line("filters", each.filters)
                                 : "    filters: not run: " + each.absence + "\n";
    text += "    graph: " + each.graph + "\n";
  }
  return text;
}

nlohmann::ordered_json side_json(const ComparisonSide& side) {
  nlohmann::ordered_json json = {{"launches_a_frame", side.launches},
                                 {"rounds", side.microseconds.size()},
                                 {"microseconds", spread_json(side.microseconds)},
                                 {"queued_microseconds", spread_json(side.queued_microseconds)},
                                 {"least_decibels", nullptr}};
  if (side.least_decibels) json["least_decibels"] = *side.least_decibels;
  return json;
}

nlohmann::ordered_json comparisons_json(const KernelsReport& report) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const LadderComparison& each : report.comparisons)
    json.push_back({{"what", each.what},
                    {"graph", each.graph},
                    {"fused", side_json(each.fused)},
                    {"filters", side_json(each.filters)},
                    {"not_run", text_or_null(each.absence)}});
  return json;
}

}  // namespace

Spread KernelFigures::spread() const { return spread_of(microseconds); }

double KernelFigures::bytes_per_second() const {
  const double median = spread().median;
  return median > 0 ? bytes / median * 1e6 : 0;
}

LadderComparison planned_comparison(const LadderCase& ladder) {
  LadderComparison planned;
  planned.what = name_of(ladder);
  planned.graph = filter_graph(ladder);
  planned.fused.launches = 1;
  planned.filters.launches = filter_launches(ladder);
  return planned;
}

KernelsReport kernels_not_run(Environment environment, const std::string& why) {
  KernelsReport report;
  report.environment = std::move(environment);
  report.absence = why;
  for (const LadderCase& each : compared_ladders()) {
    report.comparisons.push_back(planned_comparison(each));
    report.comparisons.back().absence = why;
  }
  report.targets = judge(report);
  return report;
}

std::vector<Target> judge(const KernelsReport& report) {
  std::vector<Target> targets;
  if (!report.absence.empty()) targets.push_back(not_run("large frames", bandwidth_limit(), report.absence));
  for (const KernelFigures& figures : report.figures)
    if (figures.large) targets.push_back(bandwidth_target(report, figures));
  for (const LadderComparison& each : report.comparisons) judge_comparison(each, targets);
  return targets;
}

std::string figures_text(const KernelsReport& report) {
  if (!report.absence.empty())
    return "Nothing was run: " + report.absence + "\n\n" + targets_text(report.targets);
  std::string text = fmt::format(
      "Device: {}, driver for CUDA {}.{}\nKernels: {}\n"
      "Copies on the device: {:.0f} GB/s read and written\n"
      "Microseconds a frame: median (least..most)\n",
      report.device, report.cuda / 1000, report.cuda % 1000 / 10, report.image,
      report.copy_bytes_per_second * 1e-9);
  for (const KernelFigures& each : report.figures) {
    const Spread spread = each.spread();
    text += fmt::format(
        "  {}: {:.1f} ({:.1f}..{:.1f}) of {}; {} {}, {:.1f} MB, {:.0f} GB/s, {:.0f} % of the copies'\n",
        each.what, spread.median, spread.least, spread.most, each.microseconds.size(), each.launches,
        each.launches == 1 ? "launch" : "launches", each.bytes * 1e-6, each.bytes_per_second() * 1e-9,
        100 * share_of(report, each));
  }
  return text + comparisons_text(report) + "\n" + targets_text(report.targets);
}

nlohmann::ordered_json to_json(const KernelsReport& report) {
  nlohmann::ordered_json figures = nlohmann::ordered_json::array();
  for (const KernelFigures& each : report.figures)
    figures.push_back({{"what", each.what},
                       {"frames", each.microseconds.size()},
                       {"launches_a_frame", each.launches},
                       {"bytes_a_frame", each.bytes},
                       {"microseconds", spread_json(each.microseconds)},
                       {"bytes_per_second", each.bytes_per_second()},
                       {"share_of_copies", share_of(report, each)}});
  return {{"kind", "kernels"},
          {"version", 1},
          {"environment", environment_json(report.environment)},
          {"not_run", text_or_null(report.absence)},
          {"device", report.device},
          {"driver_cuda", report.cuda},
          {"image", report.image},
          {"copy_bytes_per_second", report.copy_bytes_per_second},
          {"operations", figures},
          {"comparisons", comparisons_json(report)},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
