// KernelsBench: how long the GPU kernels take a frame, and how much of the device's memory bandwidth that is.
#pragma once

#include "bench/bench_listener.h"
#include "bench/kernels_report.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"
#include "kernels/cuda_driver.h"
#include "kernels/kernel_image.h"

namespace millrace::bench {

struct KernelsOptions {
  int device = 0;
  int frames = 300;  // that are timed, of each operation
};

// Blocks. resource_exhausted where there is no device or driver, no room on it, or no image that it takes;
// cancelled after a stop request; device_lost when the device fails on the way.
engine::Result<KernelsReport> run_kernels_bench(const KernelsOptions& options,
                                                const kernels::CudaDriver& driver,
                                                std::span<const kernels::KernelImage> images,
                                                const BenchListener& listener, const StopFlag& stop);

}  // namespace millrace::bench
