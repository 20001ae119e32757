#include "engine/schedule/engine_jobs.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "engine/base/sha256.h"
#include "engine/base/ulid.h"
#include "engine/job/job_json.h"
#include "engine/job/job_spec_json.h"
#include "engine/plan/planner.h"
#include "hw/inventory_json.h"

namespace millrace::engine {
namespace {

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
  const Result<Source> source = look_at(spec->input_url, spec->on_damage == OnDamage::accept);
  if (!source.ok()) return source.status();
  const int cores = std::max(1, std::min(parts_.cores, spec->cores.value_or(parts_.cores)));
  const Result<Plan> plan = make_plan(*source, *spec, parts_.machine, cores);
  if (!plan.ok()) return parts_.words.of(plan.status());
  return to_json(*plan);
}

Result<nlohmann::ordered_json> EngineJobs::inspect(const std::string& url) {
  if (Status s = parts_.policy.check(url); !s.ok()) return s;
  const Result<Source> source = look_at(url, /*accept_damage=*/false);
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
    each.finished = now_milliseconds();
    return {};
  });
  if (!job.ok()) return job;
  // A run withdraws its files when it ends; without one, what an attempt before left is withdrawn here.
  if (!parts_.scheduler.stop(id))
    if (Status s = parts_.folders.withdraw(id); !s.ok()) return parts_.words.of(s);
  return job;
}

Result<Job> EngineJobs::retry(const std::string& id) {
  Result<Job> job = parts_.records.change(id, [](Job& each) -> Status {
    if (each.state != JobState::failed && each.state != JobState::cancelled)
      return refuse_state(each, "only failed and cancelled jobs can be retried");
    each.state = JobState::queued;
    each.finished = 0;
    each.error.reset();
    each.progress = {};
    return {};
  });
  parts_.scheduler.wake();
  return job;
}

Result<Job> EngineJobs::pause(const std::string& id) {
  Result<Job> job = parts_.records.change(id, [](Job& each) -> Status {
    if (each.state != JobState::queued && each.state != JobState::running)
      return refuse_state(each, "only queued and running jobs can be paused");
    each.state = JobState::paused;
    return {};
  });
  if (job.ok()) parts_.scheduler.stop(id);
  return job;
}

Result<Job> EngineJobs::resume(const std::string& id) {
  Result<Job> job = parts_.records.change(id, [](Job& each) -> Status {
    if (each.state != JobState::paused) return refuse_state(each, "only paused jobs can be resumed");
    each.state = JobState::queued;
    return {};
  });
  parts_.scheduler.wake();
  return job;
}

Status EngineJobs::erase(const std::string& id) {
  const Result<Job> job = parts_.store.get(id);
  if (!job.ok() && job.status().code() != Code::internal) return job.status();
  if (job.ok() && !is_final(job->state)) return refuse_state(*job, "cancel it before it is deleted");
  // A run that was cancelled a moment ago may still be writing.
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

nlohmann::ordered_json EngineJobs::hardware() { return hw::to_json(parts_.machine); }

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
