// OverheadBench: what a job costs the CPU over its decoder and its encoders alone.
#pragma once

#include <filesystem>
#include <string>

#include "bench/bench_listener.h"
#include "bench/overhead_report.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"
#include "engine/plan/plan.h"

namespace millrace::bench {

struct OverheadOptions {
  std::string profile = "ladder-h264-veryfast";  // a name, or a file with a spec
  std::filesystem::path source;
  double seconds = 20;  // of the source, from its beginning
  int rounds = 3;
  std::filesystem::path folder;  // for what is made; empty: the system's temporary folder
  std::string millrace;          // path of the program
  std::string ffmpeg = "ffmpeg";
};

// unsupported, with what it is, for a plan that does more than decode, scale and encode renditions: other
// outputs, overlays, steps before the ladder. Pure.
engine::Status check_plain(const engine::Plan& plan);

// Blocks. What it makes lies in a folder of its own that is gone when it returns. cancelled after a stop.
// Nothing else of this process may have children or use the CPU meanwhile.
engine::Result<OverheadReport> run_overhead_bench(const OverheadOptions& options,
                                                  const BenchListener& listener, const StopFlag& stop);

}  // namespace millrace::bench
