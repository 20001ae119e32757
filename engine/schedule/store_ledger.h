// StoreLedger books one job's segments in the store. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "engine/schedule/run_job.h"
#include "engine/store/store.h"

namespace millrace::engine {

class StoreLedger final : public Ledger {
 public:
  // `store` must outlive the ledger. `booked` is called with the bytes of each segment that was committed.
  StoreLedger(Store& store, std::string job_id, std::function<void(std::int64_t bytes)> booked = {})
      : store_(store), job_id_(std::move(job_id)), booked_(std::move(booked)) {}

  Status commit(const FinishedSegment& segment) override {
    Status status = store_.commit_segment(job_id_, segment);
    if (status.ok() && booked_) booked_(segment.bytes);
    return status;
  }
  Result<std::vector<FinishedSegment>> segments() override { return store_.segments(job_id_); }
  Status forget(const std::string& track, std::int64_t first_index) override {
    return store_.forget_segments(job_id_, track, first_index);
  }
  Status note_end(const std::string& track, std::int64_t end_segment) override {
    return store_.note_end(job_id_, track, end_segment);
  }
  Result<std::map<std::string, std::int64_t>> ends() override { return store_.ended_tracks(job_id_); }
  Status note_lost(const std::string& track, const std::vector<std::string>& sentences) override {
    return store_.note_lost(job_id_, track, sentences);
  }
  Result<Losses> lost() override { return store_.lost(job_id_); }

 private:
  Store& store_;
  const std::string job_id_;
  const std::function<void(std::int64_t)> booked_;
};

}  // namespace millrace::engine
