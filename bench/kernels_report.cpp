#include "bench/kernels_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

constexpr double kLeastShare = 0.7;

double share_of(const KernelsReport& report, const KernelFigures& figures) {
  return report.copy_bytes_per_second > 0 ? figures.bytes_per_second() / report.copy_bytes_per_second : 0;
}

}  // namespace

Spread KernelFigures::spread() const { return spread_of(microseconds); }

double KernelFigures::bytes_per_second() const {
  const double median = spread().median;
  return median > 0 ? bytes / median * 1e6 : 0;
}

std::vector<Target> judge(const KernelsReport& report) {
  std::vector<Target> targets;
  for (const KernelFigures& figures : report.figures) {
    if (!figures.large) continue;
    Target target{
        figures.what, fmt::format("at least {:.0f} % of the copies' bandwidth", 100 * kLeastShare), {}, {}};
    target.verdict = Verdict::not_measured;
    if (const double share = share_of(report, figures); share > 0) {
      target.measured = fmt::format("{:.0f} %", 100 * share);
      target.verdict = share >= kLeastShare ? Verdict::met : Verdict::not_met;
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

std::string figures_text(const KernelsReport& report) {
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
  return text + "\n" + targets_text(report.targets);
}

nlohmann::ordered_json to_json(const KernelsReport& report) {
  nlohmann::ordered_json figures = nlohmann::ordered_json::array();
  for (const KernelFigures& each : report.figures) {
    const Spread spread = each.spread();
    figures.push_back(
        {{"what", each.what},
         {"frames", each.microseconds.size()},
         {"launches_a_frame", each.launches},
         {"bytes_a_frame", each.bytes},
         {"microseconds", {{"median", spread.median}, {"least", spread.least}, {"most", spread.most}}},
         {"bytes_per_second", each.bytes_per_second()},
         {"share_of_copies", share_of(report, each)}});
  }
  return {{"environment", environment_json(report.environment)},
          {"device", report.device},
          {"driver_cuda", report.cuda},
          {"image", report.image},
          {"copy_bytes_per_second", report.copy_bytes_per_second},
          {"operations", figures},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
