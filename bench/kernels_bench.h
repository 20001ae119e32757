// KernelsBench: how long the GPU kernels take a frame, how much of the device's memory bandwidth that is, and
// how the ladder compares with FFmpeg's own CUDA filters.
#pragma once

#include "bench/bench_listener.h"
#include "bench/filter_ladder.h"
#include "bench/kernels_report.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"
#include "kernels/cuda_driver.h"
#include "kernels/kernel_image.h"

namespace millrace::bench {

struct KernelsOptions {
  int device = 0;
  int frames = 300;  // that are timed, of each operation, and of each side in each round of a comparison
  int rounds = 5;    // of the comparisons
};

// Blocks. What FFmpeg's filters cannot do stands in the report. resource_exhausted where there is no device
// or driver, no room on it, or no image that it takes; cancelled after a stop request; device_lost when the
// device fails on the way.
engine::Result<KernelsReport> run_kernels_bench(const KernelsOptions& options,
                                                const kernels::CudaDriver& driver,
                                                std::span<const kernels::KernelImage> images,
                                                const OpenFilterLadder& open_filters,
                                                const BenchListener& listener, const StopFlag& stop);

}  // namespace millrace::bench
