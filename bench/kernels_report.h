// KernelsReport: everything that a run of `millrace-bench kernels` found, and how it is told. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/ladder_case.h"
#include "bench/ladder_report.h"

namespace millrace::bench {

// One operation on frames of one kind.
struct KernelFigures {
  std::string what;                  // "ladder of 1920x1080 NV12 into 4 rungs with a logo, bicubic"
  int launches = 0;                  // a frame
  double bytes = 0;                  // a frame: the source read once and every target written once
  bool large = false;                // long enough that bandwidth should be what binds it
  std::vector<double> microseconds;  // each frame's

  Spread spread() const;
  double bytes_per_second() const;  // of the median frame; 0 without any
};

// One way of making a ladder.
struct ComparisonSide {
  int launches = 0;                         // a frame
  std::vector<double> microseconds;         // a frame, from the first call to the device's end; a round each
  std::vector<double> queued_microseconds;  // of these, what the host's calls took
  std::optional<double> least_decibels;     // luma of the worst rung, against libswscale
};

struct LadderComparison {
  std::string what;
  std::string graph;  // that libavfilter was given
  ComparisonSide fused, filters;
  std::string absence;  // why FFmpeg's side was not run; empty: it was
};

// With nothing measured yet. Pure.
LadderComparison planned_comparison(const LadderCase& ladder);

struct KernelsReport {
  Environment environment;
  std::string absence;               // why nothing was run: "no GPU to measure: libcuda.so.1 not found"
  std::string device;                // "NVIDIA H200"
  int cuda = 0;                      // the driver's newest CUDA: 13000 is 13.0
  std::string image;                 // which of the program's images the driver took
  double copy_bytes_per_second = 0;  // read and written by copies on the device: what its memory does
  std::vector<KernelFigures> figures;
  std::vector<LadderComparison> comparisons;
  std::vector<Target> targets;
};

// Of a machine that cannot run it: what would have been compared, and why it was not.
KernelsReport kernels_not_run(Environment environment, const std::string& why);

// Holds the figures against what the project promises.
std::vector<Target> judge(const KernelsReport& report);

std::string figures_text(const KernelsReport& report);
nlohmann::ordered_json to_json(const KernelsReport& report);

}  // namespace millrace::bench
