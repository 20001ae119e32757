// TaskRetries decides whether a task that failed is given out again, and how carefully. One object for one
// task; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job.h"
#include "engine/plan/plan.h"
#include "engine/plan/step_down.h"
#include "engine/schedule/error_class.h"

namespace millrace::engine {

// How carefully the tasks of a job are made: what one of them learnt holds for those that are given out after
// it. Safe to call from any thread.
class JobCare {
 public:
  Care now() const;
  // Goes down the rung that a failure of the task leads to; none: there is none below. `plan`, `output`,
  // `blamed`: as in more_careful().
  std::optional<CareStep> step(const Plan& plan, std::optional<std::size_t> output,
                               std::optional<Stage> blamed);
  // The steps of attempts before with this plan, oldest first.
  void take_over(const Plan& plan, const std::vector<Retry>& steps);

 private:
  mutable std::mutex mutex_;
  Care care_;
};

// What the tasks of a job share. Used from the tasks' threads.
struct RetryParts {
  // Returns after the time, or at once after a stop request.
  std::function<void(std::chrono::milliseconds time, const std::stop_token& stop)> wait;
  std::function<void(const Retry& retry, const Status& failure)> tell;
  JobCare& care;
};

// "web.mp4: decodes on 1 thread instead of 4, because its workers were lost", of a retry that steps down.
std::string step_down_text(const Retry& retry);

// The system's clock, for RetryParts::wait.
void wait_or_stop(std::chrono::milliseconds time, const std::stop_token& stop);

class TaskRetries {
 public:
  // `reached`: what the task had before its first try, in segments. `plan` and `output`: what more_careful()
  // may change; null: nothing. Parts and plan must outlive this.
  explicit TaskRetries(const RetryParts& parts, std::int64_t reached = 0, const Plan* plan = nullptr,
                       std::optional<std::size_t> output = std::nullopt)
      : parts_(parts), furthest_(reached), plan_(plan), output_(output) {}

  // What treatment_of() the failure says; a failure that is blamed on a stage is no matter of its code: the
  // task goes on at once without the device there, where it has such a rung. True when the task is to be
  // given out again, after the wait, which is over then. `reached`: what the task has now; a failure after it
  // got further than ever does not count, and failures of each class are counted apart: a death by somebody
  // else's hand says nothing of the task. `task` names it for people. False after a stop request, before the
  // wait or in it.
  bool another(const Status& failure, std::int64_t reached, const std::stop_token& stop,
               const std::string& task);
  // Makes the plan of the next try as careful as the job has learnt to be.
  void take_care(Plan& plan) const;

 private:
  const RetryParts& parts_;
  std::int64_t furthest_;
  const Plan* const plan_;
  const std::optional<std::size_t> output_;
  std::map<ErrorClass, int> in_a_row_;
};

}  // namespace millrace::engine
