// GpuReport: everything that a run of `millrace-bench gpu` found, and how it is told. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/ladder_report.h"

namespace millrace::bench {

// So many sessions at once.
struct SessionsFigures {
  int sessions = 0;
  std::vector<double> decode;  // pictures a second of all sessions together, decoded alone; a round each
  std::vector<double> ladder;  // decoded, and scaled into every rendition

  // Of the engines' own rate, by medians; 0 without figures.
  double share() const;
};

struct GpuReport {
  Environment environment;
  std::string absence;  // why nothing was run: "no GPU to measure: ..."
  std::string device;   // "cuda:0, NVIDIA H200, 7 decode engines"
  int rounds = 0;
  std::vector<SessionsFigures> sessions;
  WayFigures on_device, on_cpu;     // a whole ladder with sound, encoded
  std::vector<std::string> stages;  // of the job with the device, as its receipt has them: "decode: cuda:0"
  std::string left_device;          // why a job did not stay on the device; empty: it did
  std::vector<Target> targets;
};

// Of a machine that cannot run it: what would have been measured with so many sessions, and why it was not.
GpuReport gpu_not_run(Environment environment, const std::vector<int>& sessions, const std::string& why);

// Holds the figures against what the project promises.
std::vector<Target> judge(const GpuReport& report);

std::string figures_text(const GpuReport& report);
nlohmann::ordered_json to_json(const GpuReport& report);

}  // namespace millrace::bench
