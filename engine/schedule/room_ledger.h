// RoomLedger reserves disk and memory for jobs before they start, so that jobs that run together do not use
// up what each alone would have found. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// What a job takes while it runs, estimated.
struct Room {
  std::int64_t disk_bytes = 0;    // that it has yet to write
  std::int64_t memory_bytes = 0;  // of its workers together
};

struct RoomLimits {
  std::function<Result<std::int64_t>()> free_bytes;  // of the data folder's disk
  std::int64_t keep_bytes = 0;                       // of it, for the store
  std::int64_t memory_bytes = 0;                     // for all jobs together; 0: not known, not asked
};

// Disk: min(64 MB, 1/16) of a disk of this size stays free for the store; of an unknown size (0) 64 MB.
std::int64_t kept_free_of(std::int64_t disk_bytes);

class RoomLedger {
 public:
  explicit RoomLedger(RoomLimits limits) : limits_(std::move(limits)) {}

  // Reserves for a job, instead of what it had. resource_exhausted, with what is lacking, when there is no
  // room beside the other reservations; what the job needs is remembered for fits(). Memory stretches where a
  // job is alone: an estimate keeps nothing from ever starting.
  Status reserve(const std::string& job_id, const Room& room);
  // Part of what the job reserved is on the disk now.
  void wrote(const std::string& job_id, std::int64_t bytes);
  bool holds(const std::string& job_id) const;  // a reservation
  // Gives back. A run that found no room itself: what it had reserved is what fits() asks for.
  void release(const std::string& job_id, bool found_no_room);
  // What a job needed when it last found no room would be there now; of a job that is not remembered, any.
  // Reserved for it, if so.
  Status reserve_again(const std::string& job_id);
  // Less is free than half of what should be kept: whoever writes had better pause.
  Status nearly_full() const;
  void forget(const std::string& job_id);  // the job will not ask again
  // Who last found no room, and is remembered for it.
  std::vector<std::string> lacking() const;
  // Of all reservations together.
  std::int64_t memory_in_use() const;

 private:
  Status try_reserve(const std::string& job_id, const Room& room);  // with mutex_

  const RoomLimits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, Room> reserved_;
  std::map<std::string, Room> lacking_;  // of jobs that found no room
};

}  // namespace millrace::engine
