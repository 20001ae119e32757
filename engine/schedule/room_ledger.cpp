#include "engine/schedule/room_ledger.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::engine {
namespace {

constexpr std::int64_t kMostKept = std::int64_t{64} << 20;
constexpr std::int64_t kShareKept = 16;

std::string megabytes(std::int64_t bytes) {
  return fmt::format("{} MB", (std::max<std::int64_t>(bytes, 0) + 999'999) / 1'000'000);
}

}  // namespace

std::int64_t kept_free_of(std::int64_t disk_bytes) {
  return disk_bytes > 0 ? std::min(kMostKept, disk_bytes / kShareKept) : kMostKept;
}

Status RoomLedger::reserve(const std::string& job_id, const Room& room) {
  const std::lock_guard lock(mutex_);
  reserved_.erase(job_id);
  Status status = try_reserve(job_id, room);
  if (status.code() == Code::resource_exhausted)
    lacking_[job_id] = room;
  else
    lacking_.erase(job_id);
  return status;
}

Status RoomLedger::try_reserve(const std::string& job_id, const Room& room) {
  const Result<std::int64_t> free = limits_.free_bytes();
  if (!free.ok()) return free.status();
  Room others;
  for (const auto& [id, each] : reserved_) {
    if (id == job_id) continue;
    others.disk_bytes += each.disk_bytes;
    others.memory_bytes += each.memory_bytes;
  }
  const std::int64_t needed = room.disk_bytes + limits_.keep_bytes;
  if (*free - others.disk_bytes < needed)
    return {Code::resource_exhausted,
            fmt::format("disk: {} are needed, {} are free{}; it goes on when there is room",
                        megabytes(needed), megabytes(*free),
                        others.disk_bytes > 0 ? fmt::format(", of which other jobs have reserved {}",
                                                            megabytes(others.disk_bytes))
                                              : "")};
  const bool alone = others.memory_bytes == 0;
  if (limits_.memory_bytes > 0 && !alone && others.memory_bytes + room.memory_bytes > limits_.memory_bytes)
    return {
        Code::resource_exhausted,
        fmt::format("memory: about {} are needed, other jobs hold {} of {}; it goes on when they have ended",
                    megabytes(room.memory_bytes), megabytes(others.memory_bytes),
                    megabytes(limits_.memory_bytes))};
  reserved_[job_id] = room;
  return {};
}

void RoomLedger::wrote(const std::string& job_id, std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = reserved_.find(job_id);
  if (found == reserved_.end()) return;
  found->second.disk_bytes = std::max<std::int64_t>(found->second.disk_bytes - bytes, 0);
}

bool RoomLedger::holds(const std::string& job_id) const {
  const std::lock_guard lock(mutex_);
  return reserved_.contains(job_id);
}

void RoomLedger::release(const std::string& job_id, bool found_no_room) {
  const std::lock_guard lock(mutex_);
  const auto found = reserved_.find(job_id);
  if (found == reserved_.end()) return;
  if (found_no_room) lacking_[job_id] = found->second;
  reserved_.erase(found);
}

Status RoomLedger::reserve_again(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  const auto found = lacking_.find(job_id);
  if (found != lacking_.end()) return try_reserve(job_id, found->second);
  const auto held = reserved_.find(job_id);
  return try_reserve(job_id, held == reserved_.end() ? Room() : Room(held->second));
}

Status RoomLedger::nearly_full() const {
  const Result<std::int64_t> free = limits_.free_bytes();
  if (!free.ok() || *free >= limits_.keep_bytes / 2) return {};
  return {Code::resource_exhausted,
          fmt::format("disk: {} are free, {} are kept for the store; it goes on when there is room",
                      megabytes(*free), megabytes(limits_.keep_bytes))};
}

std::int64_t RoomLedger::memory_in_use() const {
  const std::lock_guard lock(mutex_);
  std::int64_t bytes = 0;
  for (const auto& [id, each] : reserved_) bytes += each.memory_bytes;
  return bytes;
}

std::vector<std::string> RoomLedger::lacking() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& [id, room] : lacking_) ids.push_back(id);
  return ids;
}

void RoomLedger::forget(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  reserved_.erase(job_id);
  lacking_.erase(job_id);
}

}  // namespace millrace::engine
