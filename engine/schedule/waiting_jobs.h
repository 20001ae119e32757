// WaitingJobs watches over room for jobs: it puts paused jobs that wait for it back into the queue once there
// is some, and pauses running ones before the disk is full. One thread: the scheduler's keeper.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>

#include "engine/schedule/job_records.h"
#include "engine/schedule/room_ledger.h"
#include "engine/store/store.h"

namespace millrace::engine {

struct WaitingParts {
  Store& store;
  JobRecords& records;
  RoomLedger& room;
  std::chrono::milliseconds rest{10'000};  // between two attempts of a job that waits
  std::function<std::int64_t()> now;       // milliseconds since 1970 UTC; empty: the system's clock
};

class WaitingJobs {
 public:
  explicit WaitingJobs(WaitingParts parts);

  // Once: lets go what may go on, in the order of the queue. True while jobs wait for room.
  bool look();
  // Of a nearly full disk: books the jobs that run as paused, with the reason. `pause` asks a job's run to
  // pause.
  void spare_disk(const std::function<void(const std::string& id)>& pause);

 private:
  void drop_stale_promises();
  void forget_gone();  // jobs that lacked room and will not run again

  const WaitingParts parts_;
  // Let go, with room reserved, until their run reserves for itself.
  std::set<std::string> promised_;
};

}  // namespace millrace::engine
