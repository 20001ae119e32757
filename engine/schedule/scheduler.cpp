#include "engine/schedule/scheduler.h"

#include <algorithm>
#include <utility>

#include "engine/base/log.h"
#include "engine/job/job_spec_json.h"
#include "engine/schedule/queue_order.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kCore = 1'000;  // millicores

}  // namespace

Scheduler::Scheduler(Store& store, const SchedulerSettings& settings, Attempt attempt, LookForRoom look,
                     Yield yield)
    : store_(store),
      settings_(settings),
      attempt_(std::move(attempt)),
      look_(std::move(look)),
      yield_(std::move(yield)),
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

int Scheduler::cores_in_use() const {
  return static_cast<int>((cores_.in_use().millicores + kCore - 1) / kCore);
}

std::int64_t Scheduler::live_millicores() const {
  const std::lock_guard lock(mutex_);
  std::int64_t held = 0;
  for (const auto& [id, run] : runs_)
    if (run->live && run->lease) held += run->lease->demand().millicores;
  return held;
}

void Scheduler::keep() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    woken_ = false;
    reap();
    lock.unlock();
    const bool wait_for_room = look_ && look_(*this);
    const std::vector<Candidate> candidates = startable();
    lock.lock();
    if (ending_) return;
    const std::vector<std::string> yielding = start(candidates);
    for (const std::string& id : yielding) {
      lock.unlock();
      const bool asked = yield_ && yield_(*this, id);
      lock.lock();
      runs_.at(id)->yielding = asked;  // only this thread takes runs away
    }
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

std::vector<Scheduler::Candidate> Scheduler::startable() {
  Result<std::vector<QueuedJob>> queue = store_.queue();
  if (!queue.ok()) {
    spdlog::error("the queue cannot be read: {}", queue.status().message());
    return {};
  }
  std::vector<Candidate> candidates;
  std::map<std::string, Waiting> looked_at;
  for (std::string& id : in_order(std::move(*queue))) {
    const auto known = looked_at_.find(id);
    const Waiting waiting = known != looked_at_.end() ? known->second : waiting_of(id);
    looked_at.emplace(id, waiting);
    candidates.push_back({std::move(id), waiting});
  }
  looked_at_ = std::move(looked_at);
  return candidates;
}

// The snapshot of the queue may be older than a cancel; the attempt looks at the record before it begins.
std::vector<std::string> Scheduler::start(const std::vector<Candidate>& candidates) {
  std::vector<std::pair<const std::string*, Run*>> runs;
  for (auto& [id, run] : runs_) runs.emplace_back(&id, run.get());
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return a.second->number < b.second->number; });
  std::vector<Running> running;
  for (const auto& [id, run] : runs)
    running.push_back({run->lease ? run->lease->demand().millicores : 0, run->live, run->yielding});
  std::vector<std::string> ids;
  std::vector<Waiting> waiting;
  for (const Candidate& each : candidates) {
    if (runs_.contains(each.id) || resting_.contains(each.id)) continue;
    ids.push_back(each.id);
    waiting.push_back(each.waiting);
  }
  const Admission admission =
      admit(cores_.total().millicores, std::max(settings_.max_running_jobs, 1), waiting, running);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::int64_t millicores = admission.millicores[i];
    if (millicores == 0) continue;
    hw::Demand demand;
    demand.millicores = millicores;
    std::optional<hw::Lease> lease = cores_.try_acquire(demand, "job " + ids[i]);
    if (!lease) break;
    auto& run = runs_[ids[i]] = std::make_unique<Run>();
    run->number = ++last_number_;
    run->live = waiting[i].live_millicores > 0;
    run->lease = std::move(lease);
    const int cores = static_cast<int>((millicores + kCore - 1) / kCore);
    run->thread = std::thread([this, id = ids[i], cores, &mine = *run] { this->run(id, cores, mine); });
  }
  std::vector<std::string> yielding;
  for (const std::size_t each : admission.yield) {
    runs[each].second->yielding = true;
    yielding.push_back(*runs[each].first);
  }
  return yielding;
}

void Scheduler::run(const std::string& id, int cores, Run& run) {
  const Status status = attempt_(id, cores, run.control);
  const std::lock_guard lock(mutex_);
  run.status = status;
  // Its lease ends when it is reaped: cores must not come free after the queue was read.
  run.ended = true;
  woken_ = true;
  changed_.notify_all();
}

Waiting Scheduler::waiting_of(const std::string& id) const {
  const Result<Job> job = store_.get(id);
  if (!job.ok()) return {};
  const Result<JobSpec> spec = parse_job_spec(job->spec);
  if (!spec.ok()) return {};
  if (!spec->real_time) return {0, spec->cores.value_or(0)};
  const std::int64_t needed = settings_.live_millicores ? settings_.live_millicores(*spec) : kCore;
  return {std::max<std::int64_t>(needed, 1), 0};
}

}  // namespace millrace::engine
