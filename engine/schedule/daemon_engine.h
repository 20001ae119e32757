// DaemonEngine: store, scheduler, worker pool and job service put together, with recovery at the start. The
// server owns one.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/schedule/job_service.h"

namespace millrace::engine {

struct DaemonEngineConfig {
  std::filesystem::path data;                      // store/, jobs/ID/ and nothing else of ours
  std::vector<std::filesystem::path> media_roots;  // file: inputs must lie in one of them
  std::filesystem::path program;                   // for workers
  int max_running_jobs = 2;
  std::vector<std::string> allowed_sources{};  // hosts and networks, as in address_rules.h
  int cores = 0;                               // 0: what the machine gives
  // Of the data folder's disk, for the store: jobs wait rather than use it. Below 0: as kept_free_of() the
  // disk.
  std::int64_t keep_free_bytes = -1;
  // This machine's speed is measured once, after so long without work; below 0: never.
  std::chrono::seconds calibrate_after{60};
  std::chrono::seconds patience{30};  // with workers that get nothing done; more where patience_of() says so
};

class DaemonEngine {
 public:
  // Opens the store, removes folders that belong to no job (and says so in the log), puts interrupted jobs
  // back into the queue with their committed segments, starts the workers and the scheduler.
  static Result<std::unique_ptr<DaemonEngine>> start(const DaemonEngineConfig& config);
  // Stops at the next moment; running jobs go on where they were at the next start.
  virtual ~DaemonEngine() = default;
  virtual JobService& jobs() = 0;
  virtual Store& store() = 0;
};

}  // namespace millrace::engine
