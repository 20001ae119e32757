#include "engine/schedule/waiting_jobs.h"

#include <utility>
#include <vector>

#include "engine/base/log.h"
#include "engine/job/job_json.h"
#include "engine/schedule/queue_order.h"

namespace millrace::engine {
namespace {

WaitingParts with_clock(WaitingParts parts) {
  if (!parts.now) parts.now = now_milliseconds;
  return parts;
}

}  // namespace

WaitingJobs::WaitingJobs(WaitingParts parts) : parts_(with_clock(std::move(parts))) {}

bool WaitingJobs::look() {
  drop_stale_promises();
  forget_gone();
  const auto paused = parts_.store.ids_in(JobState::paused);
  if (!paused.ok()) return true;
  std::vector<QueuedJob> waiting;
  std::vector<std::string> resting;
  for (const std::string& id : *paused) {
    const Result<Job> job = parts_.store.get(id);
    if (!job.ok() || job->state != JobState::paused || job->waiting_for.empty()) continue;
    const std::int64_t ended = job->attempts.empty() ? 1 : job->attempts.back().ended;
    // One that ended in the future was booked before the clock was set back.
    const std::int64_t rested = parts_.now() - ended;
    if (ended == 0 || (rested >= 0 && rested < parts_.rest.count()))  // 0: its run is about to end
      resting.push_back(id);
    else
      waiting.push_back({id, job->priority});
  }
  bool wait = !resting.empty();
  for (const std::string& id : in_order(std::move(waiting))) {
    if (!parts_.room.reserve_again(id).ok()) {
      wait = true;
      continue;
    }
    promised_.insert(id);
    const Result<Job> queued = parts_.records.change(id, [](Job& job) -> Status {
      if (job.state != JobState::paused || job.waiting_for.empty())
        return {Code::cancelled, "it does not wait any more"};
      job.state = JobState::queued;
      job.waiting_for.clear();
      return {};
    });
    if (queued.ok())
      spdlog::info("job {}: there is room again, it is queued", id);
    else
      wait = true;  // the next look drops the promise
  }
  return wait;
}

void WaitingJobs::drop_stale_promises() {
  std::erase_if(promised_, [this](const std::string& id) {
    const Result<Job> job = parts_.store.get(id);
    if (job.ok() && job->state == JobState::queued) return false;
    // A run reserves for itself, and gives back; one that found no room again left what it lacks.
    const bool had_run = job.ok() && (job->state == JobState::running || !job->waiting_for.empty());
    if (!had_run) parts_.room.forget(id);
    return true;
  });
}

void WaitingJobs::forget_gone() {
  for (const std::string& id : parts_.room.lacking()) {
    const Result<Job> job = parts_.store.get(id);
    if (job.ok() ? is_final(job->state) : job.status().code() == Code::not_found) parts_.room.forget(id);
  }
}

void WaitingJobs::spare_disk(const std::function<void(const std::string& id)>& pause) {
  const Status full = parts_.room.nearly_full();
  if (full.ok()) return;
  const auto running = parts_.store.ids_in(JobState::running);
  if (!running.ok()) return;
  for (const std::string& id : *running) {
    const Result<Job> paused = parts_.records.change(id, [&](Job& job) -> Status {
      if (job.state != JobState::running) return {Code::cancelled, "it does not run any more"};
      job.state = JobState::paused;
      job.waiting_for = full.message();
      return {};
    });
    if (!paused.ok()) continue;
    spdlog::warn("job {} is paused: {}", id, full.message());
    pause(id);
  }
}

}  // namespace millrace::engine
