// DaemonEngine: store, scheduler, worker pool and job service put together, with recovery at the start. The
// server owns one.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "engine/base/status.h"
#include "engine/schedule/job_service.h"

namespace millrace::engine {

struct DaemonEngineConfig {
  std::filesystem::path data;                      // store/, jobs/ID/ and nothing else of ours
  std::vector<std::filesystem::path> media_roots;  // file: inputs must lie in one of them
  std::filesystem::path program;                   // for workers
  int max_running_jobs = 2;
  int cores = 0;  // 0: what the machine gives
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
