// StoreBench: how many jobs a second the store takes durably from several clients, and how fast it lists
// many.
#pragma once

#include <chrono>
#include <filesystem>

#include "bench/bench_listener.h"
#include "bench/stop_flag.h"
#include "bench/store_report.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct StoreBenchOptions {
  std::filesystem::path folder;  // on the disk to measure; empty: the system's temporary folder
  int clients = 8;
  int submissions = 20'000;                    // of all clients together
  int jobs = 100'000;                          // that are listed
  int page = 50;                               // jobs a page
  std::chrono::milliseconds disk_alone{1000};  // how long the disk is looked at by itself
};

// Blocks. The store lies in a folder of its own that is gone when it returns. cancelled after a stop request.
engine::Result<StoreReport> run_store_bench(const StoreBenchOptions& options, const BenchListener& listener,
                                            const StopFlag& stop);

}  // namespace millrace::bench
