#include "engine/schedule/scheduler.h"

#include <algorithm>
#include <utility>

#include "engine/base/log.h"
#include "engine/job/job_spec_json.h"
#include "engine/schedule/core_shares.h"
#include "engine/schedule/queue_order.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kCore = 1'000;  // millicores

}  // namespace

Scheduler::Scheduler(Store& store, const SchedulerSettings& settings, Attempt attempt, LookForRoom look)
    : store_(store),
      settings_(settings),
      attempt_(std::move(attempt)),
      look_(std::move(look)),
      cores_(hw::Budget{std::max(settings.cores, 1) * kCore, 0}),
      keeper_([this] { keep(); }) {}

Scheduler::~Scheduler() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  keeper_.join();
  // The keeper is gone: nobody adds or takes away a run any more.
  for (auto& [id, run] : runs_) run->control.stop();
  for (auto& [id, run] : runs_) run->thread.join();
}

void Scheduler::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

bool Scheduler::stop(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(id);
  if (found == runs_.end()) return false;
  found->second->control.stop();
  return true;
}

bool Scheduler::pause(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(id);
  if (found == runs_.end()) return false;
  found->second->control.pause();
  return true;
}

Scheduler::LeftOut Scheduler::leave_out(const std::string& id, const std::string& output) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(id);
  if (found == runs_.end()) return LeftOut::no_run;
  return found->second->control.leave_out(output) ? LeftOut::left_out : LeftOut::too_late;
}

void Scheduler::wait_until_ended(const std::string& id) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !runs_.contains(id); });
}

int Scheduler::cores_in_use() const { return static_cast<int>(cores_.in_use().millicores / kCore); }

void Scheduler::keep() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    woken_ = false;
    reap();
    lock.unlock();
    const bool wait_for_room = look_ && look_(*this);
    const std::vector<std::string> ids = startable();
    lock.lock();
    if (ending_) return;
    start(ids);
    const auto news = [this] { return woken_ || ending_; };
    const bool look_again = wait_for_room || (look_ && !runs_.empty());
    if (resting_.empty() && !look_again) {
      changed_.wait(lock, news);
      continue;
    }
    Time soonest = look_again ? std::chrono::steady_clock::now() + settings_.between_looks : Time::max();
    for (const auto& [id, until] : resting_) soonest = std::min(soonest, until);
    changed_.wait_until(lock, soonest, news);
  }
}

void Scheduler::reap() {
  const Time now = std::chrono::steady_clock::now();
  std::erase_if(resting_, [&](const auto& each) { return each.second <= now; });
  bool reaped = false;
  for (auto each = runs_.begin(); each != runs_.end();) {
    if (!each->second->ended) {
      ++each;
      continue;
    }
    each->second->thread.join();
    if (const Status& status = each->second->status; !status.ok()) {
      spdlog::error("job {} cannot be started: {}", each->first, status.message());
      resting_[each->first] = now + settings_.rest;
    }
    each = runs_.erase(each);
    reaped = true;
  }
  if (reaped) changed_.notify_all();
}

std::vector<std::string> Scheduler::startable() {
  Result<std::vector<QueuedJob>> queue = store_.queue();
  if (queue.ok()) return in_order(std::move(*queue));
  spdlog::error("the queue cannot be read: {}", queue.status().message());
  return {};
}

// The snapshot of the queue may be older than a cancel; the attempt looks at the record before it begins.
void Scheduler::start(const std::vector<std::string>& ids) {
  const std::size_t free_runs =
      static_cast<std::size_t>(std::max(settings_.max_running_jobs, 1)) -
      std::min<std::size_t>(runs_.size(), static_cast<std::size_t>(std::max(settings_.max_running_jobs, 1)));
  std::vector<std::string> next;
  for (const std::string& id : ids)
    if (next.size() < free_runs && !runs_.contains(id) && !resting_.contains(id)) next.push_back(id);
  std::vector<int> most;
  for (const std::string& id : next) most.push_back(most_cores(id));
  const std::vector<int> shares = share_cores(static_cast<int>(cores_.free().millicores / kCore), most);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    std::optional<hw::Lease> lease = cores_.try_acquire({shares[i] * kCore, 0}, "job " + next[i]);
    if (!lease) return;
    auto& run = runs_[next[i]] = std::make_unique<Run>();
    run->lease = std::move(lease);
    run->thread =
        std::thread([this, id = next[i], cores = shares[i], &mine = *run] { this->run(id, cores, mine); });
  }
}

void Scheduler::run(const std::string& id, int cores, Run& run) {
  const Status status = attempt_(id, cores, run.control);
  const std::lock_guard lock(mutex_);
  run.status = status;
  run.lease.reset();
  run.ended = true;
  woken_ = true;
  changed_.notify_all();
}

int Scheduler::most_cores(const std::string& id) const {
  const Result<Job> job = store_.get(id);
  if (!job.ok()) return 0;
  const Result<JobSpec> spec = parse_job_spec(job->spec);
  return spec.ok() ? spec->cores.value_or(0) : 0;
}

}  // namespace millrace::engine
