// WorkerPool: warm worker processes, each doing one task at a time. Safe to call from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/pipeline/run_task.h"
#include "engine/plan/source.h"
#include "engine/verify/likeness.h"
#include "engine/work/stop_times.h"

namespace millrace::engine {

struct WorkerPoolConfig {
  std::filesystem::path program;                 // the millrace binary: run as `PROGRAM worker --fd N`
  int warm = 1;                                  // idle workers kept ready
  int tasks_per_worker = 200;                    // then it is replaced
  std::int64_t memory_growth_bytes = 1LL << 30;  // resident growth since its start, then it is replaced
  // Hosts and networks that sources may be read from although they are not public (address_rules.h).
  std::vector<std::string> allowed_sources{};
  // A worker that gets nothing done for so long, longer where patience_of() says so, is ended: device_lost.
  std::chrono::milliseconds patience{30'000};
  StopTimes stop_times{};
  // After a worker could not be started; a call that wants one does not wait for that.
  std::chrono::milliseconds between_starts{5'000};
  bool quiet = false;  // what workers write to their standard error is not passed on to ours
};

// Runs tasks in worker processes. A worker that dies gives device_lost ("worker 123 died of signal 11
// (Segmentation fault)"), one that is stuck too ("worker 123 was ended: ..."), one that somebody else killed
// worker_killed, one that had no memory left out_of_memory, and the pool replaces it; the pool itself goes
// on. Where no worker can be started (the program is being replaced) calls give resource_exhausted, and the
// pool tries again by itself. A stop request ends the task: asked, then SIGTERM and SIGKILL of its group at
// `stop_times`.
class WorkerPool {
 public:
  // Fails where the first worker cannot be started, with the reason: not_found of the program and so on.
  static Result<std::unique_ptr<WorkerPool>> start(const WorkerPoolConfig& config);
  // Ends all workers and waits for them. No call may be under way.
  virtual ~WorkerPool() = default;

  virtual Result<Source> inspect(const std::string& url, bool accept_damage, std::stop_token stop) = 0;
  virtual Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop) = 0;
  virtual Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop) = 0;
  virtual Result<TaskEnd> run_output(const OutputTask& task, TaskObserver& observer,
                                     std::stop_token stop) = 0;
  virtual Result<TaskEnd> run_film(const FilmTask& task, std::stop_token stop) = 0;
  // As compare_pictures(). device_lost and worker_killed like all of them.
  virtual Result<Likeness> compare(const std::filesystem::path& track, const std::filesystem::path& reference,
                                   std::stop_token stop) = 0;

  virtual std::vector<int> process_ids() const = 0;
};

}  // namespace millrace::engine
