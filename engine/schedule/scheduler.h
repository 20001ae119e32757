// Scheduler decides which queued jobs run, and with how many cores. Safe to call from any thread.
//
// A thread of its own takes a snapshot of the queue whenever something changed, and starts what fits, in the
// order of queue_order.h; cores are shared evenly among the jobs that start together. Every running job has a
// thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/status.h"
#include "engine/schedule/run_control.h"
#include "engine/store/store.h"
#include "hw/slot_ledger.h"

namespace millrace::engine {

struct SchedulerSettings {
  int max_running_jobs = 2;
  int cores = 1;
  // A job that cannot even be started (the store is full, its record damaged) is left alone for so long.
  std::chrono::milliseconds rest{10'000};
  std::chrono::milliseconds between_looks{2'000};  // for room
};

class Scheduler {
 public:
  // Runs a job and books how it went; a failure says that it could not be started and is queued as before.
  using Attempt = std::function<Status(const std::string& id, int cores, RunControl& control)>;
  // Called by the scheduler's thread before it reads the queue, and every so often while jobs run or it says
  // that jobs wait for room: queues what may go on. It may ask runs to pause, but not for their end.
  using LookForRoom = std::function<bool(Scheduler&)>;

  // `store` must outlive the scheduler.
  Scheduler(Store& store, const SchedulerSettings& settings, Attempt attempt, LookForRoom look = {});
  // Asks all runs to stop, and waits for them.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // The queue has changed.
  void wake();
  // Asks the job's run to stop; false when there is none. The job is not started again before that run has
  // ended.
  bool stop(const std::string& id);
  // The same, at the next segment edge.
  bool pause(const std::string& id);
  // Asks the job's run to leave an output out.
  enum class LeftOut { no_run, left_out, too_late };
  LeftOut leave_out(const std::string& id, const std::string& output);
  // Returns once no run of the job is under way.
  void wait_until_ended(const std::string& id);
  // Cores that runs hold now.
  int cores_in_use() const;

 private:
  struct Run {
    RunControl control;
    std::thread thread;
    std::optional<hw::Lease> lease;
    bool ended = false;
    Status status;
  };
  using Time = std::chrono::steady_clock::time_point;

  void keep();
  void reap();                                      // with mutex_
  void start(const std::vector<std::string>& ids);  // with mutex_
  std::vector<std::string> startable();             // without mutex_; reads the store
  void run(const std::string& id, int cores, Run& run);
  int most_cores(const std::string& id) const;

  Store& store_;
  const SchedulerSettings settings_;
  const Attempt attempt_;
  const LookForRoom look_;
  hw::SlotLedger cores_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = true;
  bool ending_ = false;
  std::map<std::string, std::unique_ptr<Run>> runs_;  // entries come and go in the keeper's thread alone
  std::map<std::string, Time> resting_;               // until when
  std::thread keeper_;
};

}  // namespace millrace::engine
