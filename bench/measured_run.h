// run_measured() runs commands at once and says what they cost: time, CPU and memory of all their processes
// together.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "bench/command.h"
#include "bench/process_tree.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct RunFigures {
  double wall_seconds = 0;  // from the first start to the last command's end
  double cpu_seconds = 0;   // user and system, all descendants
  std::optional<std::int64_t>
      peak_bytes;  // the largest sample (PSS of all processes together); none: nothing was sampled
  int memory_samples = 0;
  int left_behind = 0;  // descendants that outlived the commands and were waited for or killed
};

struct RunOptions {
  std::filesystem::path log;                        // errors of the commands, begun anew
  std::filesystem::path output;                     // their standard output; empty: goes into the log
  std::chrono::milliseconds sample_every{0};        // memory; 0: never
  std::function<void(const TreeMemory&)> sampled;   // hears each sample
  std::chrono::milliseconds stop_grace{10'000};     // from SIGINT or SIGTERM to SIGKILL
  std::chrono::milliseconds leftover_grace{2'000};  // for what the commands leave running
};

// Blocks until every process that came of the commands has ended. Takes each child of this process for its
// own, orphaned descendants included (PR_SET_CHILD_SUBREAPER), so nothing else may have children meanwhile.
// Call from one thread.
//
// cancelled when `stop` was requested: SIGINT went to the commands, SIGKILL to what was left. A command that
// fails ends the others with SIGTERM: io_error with its name and the end of its log.
engine::Result<RunFigures> run_measured(const std::vector<Command>& commands, const RunOptions& options,
                                        const StopFlag& stop);

// What one command prints on standard output; files are made in `folder`.
engine::Result<std::string> output_of(const Command& command, const std::filesystem::path& folder,
                                      const StopFlag& stop);

}  // namespace millrace::bench
