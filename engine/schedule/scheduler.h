// Scheduler decides which queued jobs run, and with how many cores. Safe to call from any thread.
//
// A thread of its own takes a snapshot of the queue whenever something changed, and starts what fits
// (admission.h), in the order of queue_order.h. Every running job has a thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/schedule/admission.h"
#include "engine/schedule/run_control.h"
#include "engine/store/store.h"
#include "hw/slot_ledger.h"

namespace millrace::engine {

struct SchedulerSettings {
  int max_running_jobs = 2;  // jobs that keep pace with their media (real_time) come on top
  int cores = 1;
  // What a job that keeps pace needs, in thousandths of a core; empty: one core.
  std::function<std::int64_t(const JobSpec& spec)> live_millicores = {};
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
  // Called by the scheduler's thread: the job's run shall make room for one that keeps pace. Puts it back
  // into the queue and asks its run to pause. False: not now (it has only just begun); it is asked again.
  using Yield = std::function<bool(Scheduler&, const std::string& id)>;

  // `store` must outlive the scheduler.
  Scheduler(Store& store, const SchedulerSettings& settings, Attempt attempt, LookForRoom look = {},
            Yield yield = {});
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
  // Cores that runs hold now, parts of one counted whole.
  int cores_in_use() const;
  // What runs hold now that keep pace, in thousandths of a core; the others make room for such.
  std::int64_t live_millicores() const;

 private:
  struct Run {
    RunControl control;
    std::thread thread;
    std::optional<hw::Lease> lease;
    std::uint64_t number = 0;  // in the order of starting
    bool live = false;
    bool yielding = false;
    bool ended = false;
    Status status;
  };
  struct Candidate {
    std::string id;
    Waiting waiting;
  };
  using Time = std::chrono::steady_clock::time_point;

  void keep();
  void reap();  // with mutex_
  // Gives whom to ask to yield.
  std::vector<std::string> start(const std::vector<Candidate>& candidates);  // with mutex_
  std::vector<Candidate> startable();  // without mutex_; reads the store
  void run(const std::string& id, int cores, Run& run);
  Waiting waiting_of(const std::string& id) const;

  Store& store_;
  const SchedulerSettings settings_;
  const Attempt attempt_;
  const LookForRoom look_;
  const Yield yield_;
  hw::SlotLedger cores_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = true;
  std::uint64_t last_number_ = 0;
  bool ending_ = false;
  std::map<std::string, std::unique_ptr<Run>> runs_;  // entries come and go in the keeper's thread alone
  std::map<std::string, Time> resting_;               // until when
  // Of the keeper's thread: what the queued jobs want, so that each record is read once.
  std::map<std::string, Waiting> looked_at_;
  std::thread keeper_;
};

}  // namespace millrace::engine
