// SoakBench: gives a `millrace serve` short jobs by the thousand while workers are killed or hang, sources go
// and the disk fills up, and says whether every job ended as it should and whether the daemon stayed as it
// was.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "bench/bench_listener.h"
#include "bench/soak_report.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct SoakOptions {
  int jobs = 2000;
  std::optional<std::uint64_t> seed;
  std::filesystem::path folder;  // for what is not on the small disk; empty: the system's temporary folder
  std::string millrace;          // path of the program
  std::string ffmpeg = "ffmpeg";
};

// The spec of every job: one small rendition with sound, in two segments.
std::string soak_spec(const std::filesystem::path& source, const std::string& key);

// Blocks. The data lies on a small disk of our own where one can be mounted, else in a folder, and then no
// disk is filled and the report says why. All is gone when it returns. cancelled after a stop request;
// internal when the daemon does not answer or no job ends for five minutes. Nothing else of this process may
// have children meanwhile.
engine::Result<SoakReport> run_soak_bench(const SoakOptions& options, const BenchListener& listener,
                                          const StopFlag& stop);

}  // namespace millrace::bench
