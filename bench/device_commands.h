// The commands of millrace-bench that need a GPU.
#pragma once

#include "bench/gpu_bench.h"
#include "bench/kernels_bench.h"

namespace CLI {
class App;
}

namespace millrace::bench {

CLI::App* add_kernels(CLI::App& app, KernelsOptions& options);
CLI::App* add_gpu(CLI::App& app, GpuOptions& options);

}  // namespace millrace::bench
