// LadderReport: everything that a run of `millrace-bench ladder` found. Plain data that the three reports are
// made from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/environment.h"
#include "bench/ladder_commands.h"
#include "bench/latency.h"
#include "bench/measured_run.h"
#include "bench/quality.h"
#include "bench/spread.h"

namespace millrace::bench {

// One way of making the ladder, with its runs.
struct WayFigures {
  std::string name;                   // "millrace"
  std::vector<std::string> commands;  // as a shell reads them, with OUT for the folder of the outputs
  std::vector<RunFigures> runs;       // a round each

  Spread wall_seconds() const;
  Spread cpu_seconds() const;
  std::optional<Spread> peak_bytes() const;  // none: a run was not sampled
};

// One rendition of one way, of the first round.
struct RenditionQuality {
  double bits_per_second = 0;  // media segments over the source's duration
  Quality quality;
};

struct RenditionFigures {
  WorkRung rung;
  RenditionQuality millrace;
  RenditionQuality ffmpeg;  // one command
};

enum class Verdict { met, not_met, not_measured };
std::string_view name_of(Verdict verdict);  // "met", "not met", "not measured"

struct Target {
  std::string what;
  std::string limit;
  std::string measured;
  Verdict verdict = Verdict::not_measured;
};

struct LadderReport {
  Environment environment;
  int rounds = 0;
  WayFigures millrace, one_command, per_rendition;
  std::vector<RenditionFigures> renditions;  // largest first
  std::optional<LatencyFigures> latency;
  std::string latency_absence;  // why there is none
  std::vector<Target> targets;
};

// Holds the figures against what the project promises. Pure.
std::vector<Target> judge(const LadderReport& report);

}  // namespace millrace::bench
