// CapacityBench: how many streams this machine carries at real time, found by running them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "bench/bench_listener.h"
#include "bench/capacity_report.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/cost.h"
#include "hw/inventory.h"

namespace millrace::bench {

struct CapacityOptions {
  std::string profile = "ladder-h264-veryfast";  // a name, or a file with a spec
  std::filesystem::path source;
  double seconds = 60;                // of each stream that count
  double warm_up = 8;                 // before them
  int most = 256;                     // streams that are tried
  std::filesystem::path calibration;  // what `millrace probe --calibrate --json` printed; empty: none
  std::filesystem::path folder;       // for the outputs; empty: the system's temporary folder
  std::string millrace;               // path of the program
  std::string ffmpeg = "ffmpeg";
};

// The paced spec of one stream; fails as bench_spec() does.
engine::Result<engine::JobSpec> capacity_spec(const std::string& profile, const std::string& input_url);

// The cost model in what `millrace probe --calibrate --json` printed. corrupt_input for another document,
// unsupported for another machine's, program's or driver's.
engine::Result<engine::CostModel> calibration_in(std::string_view text, const hw::Inventory& machine);

// A list for ffmpeg's concat demuxer: the source as often as it takes for a second more than `total`. Each
// copy begins `seconds`, the length of its pictures, after the one before, so that none is missing between
// them; the sound, which may last longer, overlaps by that.
std::string repetition_list(const std::filesystem::path& source, double seconds, double total);

// Counted segments of a stream: those of each track that end after the warm-up, up to `total` seconds.
std::size_t counted_segments(std::size_t tracks, double segment_seconds, double warm_up, double total);

// Blocks. What it makes lies in a folder of its own that is gone when it returns. A stop ends the round under
// way: the report says what was known by then. unsupported for a source that does not say how long it is or
// is shorter than the warm-up; resource_exhausted for a spec that no device of this machine runs, and for a
// full disk. Nothing else of this process may have children meanwhile.
engine::Result<CapacityReport> run_capacity_bench(const CapacityOptions& options,
                                                  const BenchListener& listener, const StopFlag& stop);

}  // namespace millrace::bench
