// The report for people. Pure.
#pragma once

#include <span>
#include <string>

#include "bench/ladder_report.h"

namespace millrace::bench {

// What stands before the first figure.
std::string environment_text(const Environment& environment, int rounds);
// Ways, renditions, latency, targets and the commands.
std::string figures_text(const LadderReport& report);
// Parts of it that every report has: what the ways cost, the verdicts, the commands in full.
std::string ways_text(std::span<const WayFigures* const> ways, int rounds);
std::string targets_text(std::span<const Target> targets);
std::string commands_text(std::span<const WayFigures* const> ways);
// "38.2 s wall, 75.0 s CPU, 612 MB"
std::string run_text(const RunFigures& run);

}  // namespace millrace::bench
