#include "engine/schedule/engine_jobs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/json_text.h"
#include "engine/base/log.h"
#include "engine/base/sha256.h"
#include "engine/base/ulid.h"
#include "engine/job/job_json.h"
#include "engine/job/job_spec_json.h"
#include "engine/plan/planner.h"
#include "engine/schedule/device_metrics.h"
#include "engine/schedule/stage_memory.h"
#include "hw/inventory_json.h"

namespace millrace::engine {
namespace {

constexpr int kBackupsKept = 7;
constexpr std::int64_t kLeastFreeBytes = 200LL * 1'000'000;
constexpr std::chrono::seconds kLongestWaitToInspect{10};

Job job_of(const JobSpec& spec) {
  Job job;
  job.id = new_ulid();
  job.spec = to_json(spec).dump();
  job.priority = spec.priority;
  job.created = now_milliseconds();
  for (const auto& [key, value] : spec.tags) job.tags.push_back(key + "=" + value);
  return job;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// The names of the job's outputs that are not cancelled.
Result<std::vector<std::string>> outputs_left(const Job& job) {
  const Result<JobSpec> spec = parse_job_spec(job.spec);
  if (!spec.ok()) return spec.status();
  std::vector<std::string> names;
  for (const Output& each : spec->outputs)
    if (!contains(job.cancelled_outputs, name_of(each))) names.push_back(name_of(each));
  return names;
}

}  // namespace

Result<Store::Submitted> EngineJobs::submit(const std::string& spec_json,
                                            const std::string& idempotency_key) {
  const Result<JobSpec> spec = parse_job_spec(spec_json);
  if (!spec.ok()) return spec.status();
  if (Status s = parts_.policy.check(*spec); !s.ok()) return s;
  auto submitted = parts_.store.submit(job_of(*spec), idempotency_key, sha256_of(spec_json));
  if (submitted.ok() && submitted->created) parts_.scheduler.wake();
  return submitted;
}

Result<nlohmann::ordered_json> EngineJobs::plan(const std::string& spec_json) {
  const Result<JobSpec> spec = parse_job_spec(spec_json);
  if (!spec.ok()) return spec.status();
  if (Status s = parts_.policy.check(*spec); !s.ok()) return s;
  const Result<Source> source = look_at(source_url_of(*spec), spec->on_damage == OnDamage::accept);
  if (!source.ok()) return source.status();
  const auto machine = parts_.machine();
  const int cores = std::max(1, std::min(parts_.cores, spec->cores.value_or(parts_.cores)));
  const Result<Plan> plan =
      make_plan(*source, *spec, *machine, cores, parts_.devices ? parts_.devices() : DeviceChoices{});
  if (!plan.ok()) return parts_.words.of(plan.status());
  return to_json(*plan);
}

Result<nlohmann::ordered_json> EngineJobs::inspect(const JobSpec& input) {
  if (Status s = parts_.policy.check(input); !s.ok()) return s;
  const Result<Source> source = look_at(source_url_of(input), /*accept_damage=*/false);
  if (!source.ok()) return source.status();
  return to_json(*source);
}

Result<Source> EngineJobs::look_at(const std::string& url, bool accept_damage) {
  if (!inspections_.try_acquire_for(kLongestWaitToInspect))
    return Status(Code::resource_exhausted, "too many sources are being inspected at once; ask again later");
  Result<Source> source = parts_.workers.inspect(url, accept_damage, stop_.get_token());
  inspections_.release();
  if (source.ok()) return source;
  Status status = parts_.words.of(source.status());
  if (status.field().empty()) status.at_field("input.url");
  return status;
}

Result<Job> EngineJobs::cancel(const std::string& id) {
  Result<Job> job = parts_.records.change(id, [](Job& each) -> Status {
    if (is_final(each.state))
      return refuse_state(each, "only queued, running and paused jobs can be cancelled");
    each.state = JobState::cancelled;
    each.waiting_for.clear();
    each.finished = now_milliseconds();
    return {};
  });
  if (!job.ok()) return job;
  // A run withdraws its files when it ends; without one, what an attempt before left is withdrawn here.
  if (!parts_.scheduler.stop(id))
    if (Status s = parts_.folders.withdraw(id); !s.ok()) return parts_.words.of(s);
  return job;
}

Result<Job> EngineJobs::cancel_output(const std::string& id, const std::string& name) {
  bool last = false;
  auto told = Scheduler::LeftOut::no_run;
  Result<Job> job = parts_.records.change(
      id,
      [&](Job& each) -> Status {
        if (is_final(each.state))
          return refuse_state(each, "only outputs of queued, running and paused jobs can be cancelled");
        const Result<std::vector<std::string>> left = outputs_left(each);
        if (!left.ok()) return left.status();
        if (contains(each.cancelled_outputs, name))
          return {Code::invalid_argument, fmt::format("job {}: output '{}' is cancelled already", id, name)};
        if (!contains(*left, name))
          return {Code::not_found,
                  fmt::format("job {} has no output '{}'; it has {}", id, name, fmt::join(*left, ", "))};
        last = left->size() == 1;
        if (last) return {Code::cancelled, "cancel the job instead"};
        // The run is asked first: what it publishes already cannot be taken back.
        told = parts_.scheduler.leave_out(id, name);
        if (told == Scheduler::LeftOut::too_late && each.state == JobState::running)
          return {
              Code::invalid_argument,
              fmt::format("job {}: output '{}' is being published; it is too late to cancel it", id, name)};
        each.cancelled_outputs.push_back(name);
        return {};
      },
      [](const Job& each) {
        return News{"output_cancelled", json_text(shown_json_short(each))};
      });
  if (last) return cancel(id);
  // A run cannot be told otherwise: where its record could not be changed, the next one makes the output.
  if (!job.ok() && told == Scheduler::LeftOut::left_out) parts_.scheduler.stop(id);
  if (!job.ok()) return job;
  if (Status s = parts_.folders.withdraw(id, name); !s.ok()) return parts_.words.of(s);
  return job;
}

Result<Job> EngineJobs::retry(const std::string& id) {
  // What is left of the run that failed would only be waited for.
  if (const Result<Job> failed = parts_.store.get(id); failed.ok() && is_final(failed->state))
    parts_.scheduler.stop(id);
  Result<Job> job = parts_.records.change(id, [](Job& each) -> Status {
    if (each.state != JobState::failed && each.state != JobState::cancelled)
      return refuse_state(each, "only failed and cancelled jobs can be retried");
    each.state = JobState::queued;
    each.finished = 0;
    each.error.reset();
    each.waiting_for.clear();
    each.progress = {};
    return {};
  });
  parts_.scheduler.wake();
  return job;
}

Result<Job> EngineJobs::pause(const std::string& id) {
  Result<Job> job = parts_.records.change(id, [](Job& each) -> Status {
    const bool waits = each.state == JobState::paused && !each.waiting_for.empty();
    if (each.state != JobState::queued && each.state != JobState::running && !waits)
      return refuse_state(each, "only queued and running jobs can be paused");
    each.state = JobState::paused;
    each.waiting_for.clear();
    return {};
  });
  if (job.ok()) parts_.scheduler.pause(id);
  return job;
}

Result<Job> EngineJobs::resume(const std::string& id) {
  Result<Job> job = parts_.records.change(id, [](Job& each) -> Status {
    if (each.state != JobState::paused) return refuse_state(each, "only paused jobs can be resumed");
    each.state = JobState::queued;
    each.waiting_for.clear();
    return {};
  });
  parts_.scheduler.wake();
  return job;
}

Status EngineJobs::erase(const std::string& id) {
  const Result<Job> job = parts_.store.get(id);
  if (!job.ok() && job.status().code() != Code::internal) return job.status();
  if (job.ok() && !is_final(job->state)) return refuse_state(*job, "cancel it before it is deleted");
  // A run that was cancelled a moment ago may still be writing; one that failed may look for the part of the
  // source that failed.
  parts_.scheduler.stop(id);
  parts_.scheduler.wait_until_ended(id);
  if (Status s = parts_.store.erase(id); !s.ok()) return s;
  return parts_.words.of(parts_.folders.remove(id));
}

Result<std::filesystem::path> EngineJobs::folder(const std::string& id) {
  const Result<Job> job = parts_.store.get(id);
  if (!job.ok()) return job.status();
  if (job->state == JobState::failed || job->state == JobState::cancelled)
    return Status(Code::not_found, fmt::format("job {} is {}; it has no files", id, name_of(job->state)));
  if (!parts_.folders.exists(id)) return Status(Code::not_found, fmt::format("job {} has no files yet", id));
  return parts_.folders.output(id);
}

int EngineJobs::subscribe(std::function<void(const Event&)> listener) {
  return parts_.fan.subscribe(std::move(listener));
}

Result<StoreCopy> EngineJobs::back_up() {
  const std::unique_lock lock(backing_up_, std::try_to_lock);
  if (!lock.owns_lock())
    return Status(Code::resource_exhausted, "a backup is being made already; ask again once it is done");
  const Result<StoreCopy> copy = parts_.store.back_up(parts_.folders.backups(), kBackupsKept);
  if (copy.ok()) return copy;
  spdlog::error("no backup of the store: {}", copy.status().message());
  return parts_.words.of(copy.status());
}

nlohmann::ordered_json EngineJobs::hardware() {
  return hw::to_json(with_quarantine(*parts_.machine(), device_failures()));
}

std::vector<Metric> EngineJobs::metrics() {
  const auto steps_down = parts_.steps_down ? parts_.steps_down() : std::map<StepDown, std::int64_t>();
  return device_metrics(*parts_.machine(), device_failures(), steps_down);
}

std::vector<StageFailure> EngineJobs::device_failures() const {
  return parts_.devices ? parts_.devices().failures : std::vector<StageFailure>();
}

Status EngineJobs::ready() {
  const Result<std::int64_t> free = parts_.free_bytes();
  if (!free.ok()) return parts_.words.of(free.status());
  if (*free < kLeastFreeBytes)
    return {Code::resource_exhausted,
            fmt::format("the data folder's disk has {} MB free, {} MB are needed; free some space",
                        *free / 1'000'000, kLeastFreeBytes / 1'000'000)};
  if (Status s = parts_.store.put_value("health", "ready", std::to_string(now_milliseconds())); !s.ok())
    return s;
  if (parts_.workers.process_ids().empty()) return {Code::device_lost, "no worker process is alive"};
  return {};
}

}  // namespace millrace::engine
