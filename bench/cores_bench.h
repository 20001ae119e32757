// CoresBench: Millrace makes one ladder on 1, 2 ... N cores of this machine, in turn, in one run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/bench_listener.h"
#include "bench/command.h"
#include "bench/cores_report.h"
#include "bench/ladder_commands.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct CoresOptions {
  std::filesystem::path source;
  std::string preset = "veryfast";
  int rounds = 3;
  std::string millrace;           // path of the program
  std::string ffmpeg = "ffmpeg";  // for its ffprobe
  std::vector<int> cores;         // how many, in turn
};

// The command, kept to these cores (numbers as the kernel has them) by util-linux's taskset.
Command on_cores(const std::vector<int>& cores, const Command& command);
// "2 at once, decoded by 2 threads, encoded by 3, 2, 1, 1": of what `millrace explain --json` printed.
engine::Result<std::string> layout_text(const std::string& explained);

// Blocks for minutes. Outputs lie in a temporary folder that is gone when it returns. invalid_argument for
// more cores than this process may use; cancelled after a stop request. Nothing else of this process may have
// children meanwhile.
engine::Result<CoresReport> run_cores_bench(const CoresOptions& options, const BenchListener& listener,
                                            const StopFlag& stop);

}  // namespace millrace::bench
