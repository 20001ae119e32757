#include "engine/schedule/task_retries.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "engine/base/log.h"
#include "engine/job/job_json.h"
#include "engine/plan/step_down.h"

namespace millrace::engine {

void wait_or_stop(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

std::string step_down_text(const Retry& retry) {
  return fmt::format("{}: {}, because its workers were lost", retry.task, retry.step_down);
}

bool TaskRetries::another(const Status& failure, std::int64_t reached, const std::stop_token& stop,
                          const std::string& task) {
  const Treatment& treatment = treatment_of(class_of(failure.code()));
  if (reached > furthest_)
    in_a_row_.clear();
  else
    ++in_a_row_[treatment.error_class];
  const int in_a_row = in_a_row_[treatment.error_class];
  furthest_ = std::max(furthest_, reached);
  if (stop.stop_requested() || treatment.most_in_a_row <= 1) return false;
  Retry retry{now_milliseconds(), task, failure.code(), failure.message(), 0, ""};
  if (plan_ != nullptr && treatment.careful_from > 0 && in_a_row >= treatment.careful_from) {
    Plan plan = *plan_;
    const int next = parts_.rungs_down + 1;
    retry.step_down = step_down(plan, output_, next);
    if (!retry.step_down.empty()) parts_.rungs_down = next;
  }
  if (retry.step_down.empty() && in_a_row >= treatment.most_in_a_row) return false;
  const std::chrono::milliseconds wait = wait_after(treatment, in_a_row);
  retry.wait_seconds = std::chrono::duration<double>(wait).count();
  spdlog::warn("{}; {} is given out again{}{}", failure.message(), task,
               wait.count() > 0 ? fmt::format(" after {} s", retry.wait_seconds) : "",
               retry.step_down.empty() ? "" : " and " + retry.step_down);
  if (parts_.tell) parts_.tell(retry);
  if (wait.count() > 0) parts_.wait(wait, stop);
  return !stop.stop_requested();
}

void TaskRetries::take_care(Plan& plan) const {
  // Not every task has as many rungs as the one that went furthest down.
  for (int rungs = parts_.rungs_down; rungs > 0; --rungs)
    if (!step_down(plan, output_, rungs).empty()) return;
}

}  // namespace millrace::engine
