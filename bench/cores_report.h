// CoresReport: everything that `millrace-bench ladder --cores` found, and how it is told. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/ladder_report.h"

namespace millrace::bench {

// The ladder by Millrace on so many cores.
struct CoresFigures {
  int cores = 1;
  std::string layout;  // of its plan: "2 at once, decoded by 2 threads, encoded by 3, 2, 1, 1"
  WayFigures way;

  // Median wall seconds over median CPU seconds a core: 1 where every core was busy to the end; 0 without
  // runs.
  double stretch() const;
};

struct CoresReport {
  Environment environment;
  int rounds = 0;
  std::vector<CoresFigures> on;  // the number of cores in the order that was asked for
  std::vector<Target> targets;
};

// Holds the figures against what the project promises: a target for each number of cores.
std::vector<Target> judge(const CoresReport& report);

std::string figures_text(const CoresReport& report);
nlohmann::ordered_json to_json(const CoresReport& report);

}  // namespace millrace::bench
