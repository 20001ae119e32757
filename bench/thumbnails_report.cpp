#include "bench/thumbnails_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

constexpr double kMostWallRatio = 0.5;

}  // namespace

double ThumbnailsReport::wall_ratio() const {
  if (millrace.runs.empty() || ffmpeg.runs.empty()) return 0;
  return millrace.wall_seconds().median / ffmpeg.wall_seconds().median;
}

std::vector<Target> judge(const ThumbnailsReport& report) {
  Target target;
  target.what = "wall time, against ffmpeg with one seek per still";
  target.limit = fmt::format("at most {:.2f} x", kMostWallRatio);
  if (report.wall_ratio() > 0) {
    target.measured = fmt::format("{:.3f} x ({:.2f} s / {:.2f} s, medians)", report.wall_ratio(),
                                  report.millrace.wall_seconds().median, report.ffmpeg.wall_seconds().median);
    target.verdict = report.wall_ratio() <= kMostWallRatio ? Verdict::met : Verdict::not_met;
  }
  return {target};
}

std::string figures_text(const ThumbnailsReport& report) {
  const std::vector<const WayFigures*> ways = {&report.millrace, &report.ffmpeg};
  return ways_text(ways, report.rounds) + "\n" + targets_text(report.targets) + "\n" + commands_text(ways);
}

nlohmann::ordered_json to_json(const ThumbnailsReport& report) {
  return {{"environment", environment_json(report.environment)},
          {"rounds", report.rounds},
          {"stills", report.count},
          {"ways", {way_json(report.millrace), way_json(report.ffmpeg)}},
          {"wall_ratio", report.wall_ratio()},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
