// LadderBench: Millrace and ffmpeg make the same ladder in turn, on the same machine, in one run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "bench/bench_listener.h"
#include "bench/ladder_report.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct LadderOptions {
  std::filesystem::path source;
  std::string preset = "veryfast";
  int rounds = 3;
  std::string millrace;           // path of the program
  std::string ffmpeg = "ffmpeg";  // ffprobe is taken from the same folder
  std::optional<int> jobs;        // for millrace transcode --jobs
  bool with_server = true;
};

// Blocks for minutes. Outputs lie in a temporary folder that is gone when it returns. cancelled after a stop
// request; every other failure says which part failed. Nothing else of this process may have children
// meanwhile.
engine::Result<LadderReport> run_ladder_bench(const LadderOptions& options, const BenchListener& listener,
                                              const StopFlag& stop);

}  // namespace millrace::bench
