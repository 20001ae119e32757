// ThumbnailsReport: everything that a run of `millrace-bench thumbnails` found, and how it is told. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/ladder_report.h"

namespace millrace::bench {

struct ThumbnailsReport {
  Environment environment;
  int rounds = 0;
  int count = 0;  // stills
  WayFigures millrace;
  WayFigures ffmpeg;  // a process per still, one after the other; a run is all of them
  std::vector<Target> targets;

  // Median wall time, Millrace's over ffmpeg's; 0 without runs.
  double wall_ratio() const;
};

// Holds the figures against what the project promises.
std::vector<Target> judge(const ThumbnailsReport& report);

std::string figures_text(const ThumbnailsReport& report);
nlohmann::ordered_json to_json(const ThumbnailsReport& report);

}  // namespace millrace::bench
