#include "engine/pipeline/first_failure.h"

namespace millrace::engine {

FirstFailure::FirstFailure(std::stop_token outer) : from_outer_(std::move(outer), Forward{stop_}) {}

void FirstFailure::report(const Status& failure) {
  {
    std::lock_guard lock(mutex_);
    if (first_.ok()) first_ = failure;
  }
  stop_.request_stop();
}

Status FirstFailure::status() const {
  std::lock_guard lock(mutex_);
  if (!first_.ok()) return first_;
  if (stop_.stop_requested()) return Status(Code::cancelled, "stopped on request");
  return {};
}

}  // namespace millrace::engine
