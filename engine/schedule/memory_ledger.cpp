#include "engine/schedule/memory_ledger.h"

namespace millrace::engine {

Status MemoryLedger::commit(const FinishedSegment& segment) {
  const std::lock_guard lock(mutex_);
  book_.add(segment);
  return {};
}

Result<std::vector<FinishedSegment>> MemoryLedger::segments() {
  const std::lock_guard lock(mutex_);
  return book_.segments();
}

Status MemoryLedger::forget(const std::string& track, std::int64_t first_index) {
  const std::lock_guard lock(mutex_);
  book_.forget(track, first_index);
  return {};
}

Status MemoryLedger::note_end(const std::string& track, std::int64_t end_segment) {
  const std::lock_guard lock(mutex_);
  book_.note_end(track, end_segment);
  return {};
}

Result<std::map<std::string, std::int64_t>> MemoryLedger::ends() {
  const std::lock_guard lock(mutex_);
  return book_.ends();
}

Status MemoryLedger::note_lost(const std::string& track, const std::vector<std::string>& sentences) {
  const std::lock_guard lock(mutex_);
  book_.note_lost(track, sentences);
  return {};
}

Result<Losses> MemoryLedger::lost() {
  const std::lock_guard lock(mutex_);
  return book_.lost();
}

}  // namespace millrace::engine
