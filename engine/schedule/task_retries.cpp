#include "engine/schedule/task_retries.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "engine/base/log.h"
#include "engine/job/job_json.h"

namespace millrace::engine {

using std::chrono::milliseconds;

void wait_or_stop(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

Care JobCare::now() const {
  const std::lock_guard lock(mutex_);
  return care_;
}

std::optional<CareStep> JobCare::step(const Plan& plan, std::optional<std::size_t> output,
                                      std::optional<Stage> blamed) {
  const std::lock_guard lock(mutex_);
  std::optional<CareStep> step = more_careful(plan, output, care_, blamed);
  if (step) care_ = step->care;
  return step;
}

// Whose step it was is told by what it changed: that of a task on the CPU alone is the decoder's threads.
void JobCare::take_over(const Plan& plan, const std::vector<Retry>& steps) {
  const std::lock_guard lock(mutex_);
  for (const Retry& each : steps) {
    Stage stage{};
    const bool blamed = from_name(each.stage, stage);
    const auto step = more_careful(plan, std::nullopt, care_, blamed ? std::optional(stage) : std::nullopt);
    if (step && step->sentence == each.step_down)
      care_ = step->care;
    else
      care_.one_thread = true;
  }
}

std::string step_down_text(const Retry& retry) {
  return fmt::format("{}: {}, because {}", retry.task, retry.step_down,
                     !retry.stage.empty()                ? retry.message
                     : retry.code == Code::out_of_memory ? "its workers had no memory left"
                                                         : "its workers were lost");
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
  if (stop.stop_requested() || failure.code() == Code::cancelled) return false;
  const std::optional<Stage> blamed = blamed_stage(failure);
  std::optional<CareStep> step;
  if (plan_ != nullptr && (blamed || (treatment.careful_from > 0 && in_a_row >= treatment.careful_from)))
    step = parts_.care.step(*plan_, output_, blamed);
  if (!step && (treatment.most_in_a_row <= 1 || in_a_row >= treatment.most_in_a_row)) return false;
  Retry retry{now_milliseconds(), task, failure.code(), failure.message(), 0, step ? step->sentence : ""};
  milliseconds wait{0};
  if (step && blamed) {
    retry.stage = name_of(*blamed);
    in_a_row_.clear();  // without that device it is another task
  } else {
    wait = wait_after(treatment, in_a_row);
  }
  retry.wait_seconds = std::chrono::duration<double>(wait).count();
  spdlog::warn("{}; {} is given out again{}{}", failure.message(), task,
               wait.count() > 0 ? fmt::format(" after {} s", retry.wait_seconds) : "",
               retry.step_down.empty() ? "" : " and " + retry.step_down);
  if (parts_.tell) parts_.tell(retry, failure);
  if (wait.count() > 0) parts_.wait(wait, stop);
  return !stop.stop_requested();
}

void TaskRetries::take_care(Plan& plan) const { engine::take_care(plan, output_, parts_.care.now()); }

}  // namespace millrace::engine
