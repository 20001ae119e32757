// The report for people. Pure.
#pragma once

#include <string>

#include "bench/ladder_report.h"

namespace millrace::bench {

// What stands before the first figure.
std::string environment_text(const Environment& environment, int rounds);
// Ways, renditions, latency, targets and the commands.
std::string figures_text(const LadderReport& report);
// "38.2 s wall, 75.0 s CPU, 612 MB"
std::string run_text(const RunFigures& run);

}  // namespace millrace::bench
