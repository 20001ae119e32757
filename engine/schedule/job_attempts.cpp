#include "engine/schedule/job_attempts.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/log.h"
#include "engine/job/job_json.h"
#include "engine/job/job_spec_json.h"
#include "engine/schedule/job_runner.h"
#include "engine/schedule/store_ledger.h"

namespace millrace::engine {
namespace {

constexpr std::chrono::seconds kBetweenTries{1};

std::string text_of(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Status only_while_running(const Job& job) {
  if (job.state == JobState::running) return {};
  return {Code::cancelled, fmt::format("job {} is {}", job.id, name_of(job.state))};
}

// The plan of the attempt before, where there is one that can be read.
std::optional<Plan> plan_of(const Job& job) {
  if (job.plan.empty()) return std::nullopt;
  const auto json = nlohmann::ordered_json::parse(job.plan, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  Result<Plan> plan = plan_from_json(json);
  if (plan.ok()) return std::move(*plan);
  spdlog::warn("job {}: its plan cannot be read ({}); it starts over", job.id, plan.status().message());
  return std::nullopt;
}

void end_attempt(Job& job, std::string outcome) {
  if (job.attempts.empty() || job.attempts.back().ended != 0) return;
  job.attempts.back().ended = now_milliseconds();
  job.attempts.back().outcome = std::move(outcome);
}

void note_outcome(Job& job, const Result<nlohmann::ordered_json>& outcome, bool stopped) {
  if (job.state != JobState::running) {
    // Somebody decided meanwhile; a job that is queued again was stopped for its retry or resume.
    end_attempt(job, job.state == JobState::queued ? "stopped" : std::string(name_of(job.state)));
    return;
  }
  if (outcome.ok()) {
    job.state = JobState::completed;
    job.receipt = text_of(*outcome);
    end_attempt(job, "completed");
  } else if (stopped) {
    job.state = JobState::queued;
    end_attempt(job, "interrupted");
    return;
  } else {
    job.state = JobState::failed;
    job.error = JobError{outcome.status().code(), outcome.status().message()};
    end_attempt(job, "failed: " + outcome.status().message());
  }
  job.finished = now_milliseconds();
}

}  // namespace

class JobAttempts::Observer final : public JobObserver {
 public:
  Observer(JobRecords& records, std::string id) : records_(records), id_(std::move(id)) {}

  Status planned(const Plan& plan) override {
    const std::string text = text_of(to_json(plan));
    return records_
        .change(
            id_,
            [&](Job& job) {
              job.plan = text;
              return only_while_running(job);
            },
            [&](const Job&) {
              return News{"plan", text};
            })
        .status();
  }

  void progress(const Progress& progress) override {
    const auto written = records_.change(
        id_,
        [&](Job& job) {
          job.progress = progress;
          return only_while_running(job);
        },
        [&](const Job&) {
          return News{"progress", text_of(to_json(progress))};
        });
    if (!written.ok() && written.status().code() != Code::cancelled)
      spdlog::warn("job {}: its progress is not written: {}", id_, written.status().message());
  }

 private:
  JobRecords& records_;
  const std::string id_;
};

Status JobAttempts::run(const std::string& id, int cores, std::stop_token stop) {
  const Result<Job> job = parts_.records.change(id, [](Job& each) -> Status {
    if (each.state != JobState::queued) return {Code::cancelled, "it is not queued any more"};
    each.state = JobState::running;
    each.attempts.push_back({now_milliseconds(), 0, ""});
    if (each.started == 0) each.started = each.attempts.back().started;
    each.error.reset();
    each.progress = {};
    return {};
  });
  const Code code = job.status().code();
  if (code == Code::cancelled || code == Code::not_found) return {};
  if (!job.ok()) return job.status();
  spdlog::info("job {} runs on {} cores", id, cores);
  auto outcome = work(*job, cores, stop);
  if (!outcome.ok()) {
    spdlog::log(stop.stop_requested() ? spdlog::level::info : spdlog::level::warn, "job {}: {}", id,
                to_string(outcome.status()));
    outcome = parts_.words.of(outcome.status());
  }
  // While the disk is full the outcome cannot be written either. The job stays `running`, and holds its
  // cores, until it can.
  std::mutex mutex;
  std::condition_variable_any tick;
  while (true) {
    const Status booked = book(id, outcome, stop.stop_requested());
    if (booked.ok()) return {};
    spdlog::error("job {}: its outcome cannot be written: {}", id, booked.message());
    std::unique_lock lock(mutex);
    if (giving_up_.stop_requested()) return {};
    tick.wait_for(lock, giving_up_.get_token(), kBetweenTries, [] { return false; });
  }
}

Result<nlohmann::ordered_json> JobAttempts::work(const Job& job, int cores, std::stop_token stop) {
  Result<JobSpec> spec = parse_job_spec(job.spec);
  if (!spec.ok()) return spec.status();
  // A file may have gone since the job came in, or have become a link to somewhere else.
  if (Status s = parts_.policy.check(*spec); !s.ok()) return s.under(s.field());
  if (Status s = parts_.folders.make(job.id); !s.ok()) return s;
  const JobRun run{std::move(*spec), parts_.folders.output(job.id), cores, plan_of(job)};
  StoreLedger ledger(parts_.store, job.id);
  Observer observer(parts_.records, job.id);
  const RunParts run_parts{parts_.workers, parts_.machine, ledger, observer, parts_.publisher};
  return JobRunner(run, run_parts).run(std::move(stop));
}

Status JobAttempts::book(const std::string& id, const Result<nlohmann::ordered_json>& outcome, bool stopped) {
  const Result<Job> now = parts_.store.get(id);
  if (!now.ok()) return now.status().code() == Code::not_found ? Status() : now.status();
  // Before the record says that the job failed: nothing half made is on show once it does.
  if (now->state == JobState::running && !outcome.ok() && !stopped)
    if (Status s = parts_.folders.withdraw(id); !s.ok()) return s;
  bool decided = false;
  const Result<Job> booked = parts_.records.change(
      id,
      [&](Job& job) {
        decided = job.state != JobState::running;
        note_outcome(job, outcome, stopped);
        return Status();
      },
      [&](const Job& job) { return decided ? News{} : state_news(job); });
  if (!booked.ok()) return booked.status();
  return booked->state == JobState::cancelled ? parts_.folders.withdraw(id) : Status();
}

}  // namespace millrace::engine
