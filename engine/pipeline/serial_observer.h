// SerialObserver lets several threads talk to one TaskObserver, one call at a time. Safe to call from any
// thread.
#pragma once

#include <mutex>
#include <stop_token>
#include <string>

#include "engine/pipeline/run_task.h"

namespace millrace::engine {

class SerialObserver final : public TaskObserver {
 public:
  explicit SerialObserver(TaskObserver& observer) : observer_(observer) {}

  Status segment_finished(const FinishedSegment& segment) override {
    std::lock_guard lock(mutex_);
    return observer_.segment_finished(segment);
  }
  void progress(const TaskProgress& progress) override {
    std::lock_guard lock(mutex_);
    observer_.progress(progress);
  }
  void lost(const std::string& sentence) override {
    std::lock_guard lock(mutex_);
    observer_.lost(sentence);
  }
  std::stop_token enough() const override { return observer_.enough(); }

 private:
  std::mutex mutex_;
  TaskObserver& observer_;
};

}  // namespace millrace::engine
