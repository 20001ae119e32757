// MemoryLedger: a ledger that ends with the process, for one-shot runs. Safe to call from any thread.
#pragma once

#include <mutex>

#include "engine/schedule/run_job.h"
#include "engine/schedule/segment_book.h"

namespace millrace::engine {

class MemoryLedger : public Ledger {
 public:
  Status commit(const FinishedSegment& segment) override;
  Result<std::vector<FinishedSegment>> segments() override;
  Status forget(const std::string& track, std::int64_t first_index) override;
  Status note_end(const std::string& track, std::int64_t end_segment) override;
  Result<std::map<std::string, std::int64_t>> ends() override;
  Status note_lost(const std::string& track, const std::vector<std::string>& sentences) override;
  Result<Losses> lost() override;

 private:
  std::mutex mutex_;
  SegmentBook book_;
};

}  // namespace millrace::engine
