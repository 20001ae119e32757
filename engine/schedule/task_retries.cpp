#include "engine/schedule/task_retries.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "engine/base/log.h"
#include "engine/job/job_json.h"
#include "engine/plan/step_down.h"
#include "engine/schedule/error_class.h"

namespace millrace::engine {

void wait_or_stop(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

bool TaskRetries::another(const Status& failure, std::int64_t reached, const std::stop_token& stop,
                          const std::string& task) {
  const Treatment& treatment = treatment_of(class_of(failure.code()));
  in_a_row_ = reached > furthest_ ? 0 : in_a_row_ + 1;
  furthest_ = std::max(furthest_, reached);
  if (stop.stop_requested() || treatment.most_in_a_row <= 1) return false;
  Retry retry{now_milliseconds(), task, failure.code(), failure.message(), 0, ""};
  if (plan_ != nullptr && treatment.careful_from > 0 && in_a_row_ >= treatment.careful_from) {
    Plan plan = *plan_;
    retry.step_down = step_down(plan, output_, rungs_down_ + 1);
    if (!retry.step_down.empty()) ++rungs_down_;
  }
  if (retry.step_down.empty() && in_a_row_ >= treatment.most_in_a_row) return false;
  const std::chrono::milliseconds wait = wait_after(treatment, in_a_row_);
  retry.wait_seconds = std::chrono::duration<double>(wait).count();
  spdlog::warn("{}; {} is given out again{}{}", failure.message(), task,
               wait.count() > 0 ? fmt::format(" after {} s", retry.wait_seconds) : "",
               retry.step_down.empty() ? "" : " and " + retry.step_down);
  if (parts_.tell) parts_.tell(retry);
  if (wait.count() > 0) parts_.wait(wait, stop);
  return !stop.stop_requested();
}

void TaskRetries::take_care(Plan& plan) const {
  if (rungs_down_ > 0) step_down(plan, output_, rungs_down_);
}

}  // namespace millrace::engine
