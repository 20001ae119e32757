// GpuBench: what an NVIDIA card gives without its encoders: sessions of decoding against sessions of decoding
// into a ladder, and a whole ladder job with the card against one on the CPU alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/bench_listener.h"
#include "bench/gpu_report.h"
#include "bench/stop_flag.h"
#include "engine/backend/backend.h"
#include "engine/base/status.h"
#include "engine/plan/placement.h"
#include "hw/inventory.h"

namespace millrace::bench {

struct GpuOptions {
  std::filesystem::path source;
  int device = 0;
  std::vector<int> sessions = {8, 14};
  std::string preset = "veryfast";  // of the jobs
  int rounds = 3;
  std::filesystem::path folder;  // for what is made; empty: the system's temporary folder
  std::string millrace;          // path of the program
  std::string ffmpeg = "ffmpeg";
};

// What sessions are planned for and opened with.
struct GpuMachine {
  hw::Inventory inventory;
  engine::Backends backends;
  engine::OpenBackend open;
};
GpuMachine this_machine();

// Blocks. resource_exhausted where the device is not there or this build cannot drive it, with the
// inventory's note; unsupported for a source that the device does not decode or scale; cancelled after a
// stop. Nothing else of this process may have children meanwhile.
engine::Result<GpuReport> run_gpu_bench(const GpuOptions& options, const GpuMachine& machine,
                                        const BenchListener& listener, const StopFlag& stop);

}  // namespace millrace::bench
