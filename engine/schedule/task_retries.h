// TaskRetries decides whether a task that failed is given out again, and how carefully. One object for one
// task; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/job/job.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// What the tasks of a job share. Both are called from the tasks' threads.
struct RetryParts {
  // Returns after the time, or at once after a stop request.
  std::function<void(std::chrono::milliseconds time, const std::stop_token& stop)> wait;
  std::function<void(const Retry& retry)> tell;
};

// The system's clock, for RetryParts::wait.
void wait_or_stop(std::chrono::milliseconds time, const std::stop_token& stop);

class TaskRetries {
 public:
  // `reached`: what the task had before its first try, in segments. `plan` and `output`: what step_down() may
  // make more careful; null: nothing. Parts and plan must outlive this.
  explicit TaskRetries(const RetryParts& parts, std::int64_t reached = 0, const Plan* plan = nullptr,
                       std::optional<std::size_t> output = std::nullopt)
      : parts_(parts), furthest_(reached), plan_(plan), output_(output) {}

  // What treatment_of() the failure says: true when the task is to be given out again, after the wait, which
  // is over then. `reached`: what the task has now; a failure after it got further than ever does not count.
  // `task` names it for people. False after a stop request, before the wait or in it.
  bool another(const Status& failure, std::int64_t reached, const std::stop_token& stop,
               const std::string& task);
  // Makes the plan of the next try as careful as it is to be.
  void take_care(Plan& plan) const;

 private:
  const RetryParts& parts_;
  std::int64_t furthest_;
  const Plan* const plan_;
  const std::optional<std::size_t> output_;
  int in_a_row_ = 0;
  int rungs_down_ = 0;
};

}  // namespace millrace::engine
