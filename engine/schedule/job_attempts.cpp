#include "engine/schedule/job_attempts.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/json_text.h"
#include "engine/base/log.h"
#include "engine/base/log_tail.h"
#include "engine/job/job_json.h"
#include "engine/job/job_spec_json.h"
#include "engine/plan/estimate.h"
#include "engine/plan/job_times.h"
#include "engine/schedule/bundle_cut.h"
#include "engine/schedule/failure_bundle.h"
#include "engine/schedule/job_runner.h"
#include "engine/schedule/store_ledger.h"

namespace millrace::engine {
namespace {

constexpr std::chrono::seconds kBetweenTries{1};
// What the outcome of an attempt that found no room begins with; so many in a row, and the job fails.
constexpr std::string_view kWaiting = "waiting: ";
constexpr std::ptrdiff_t kMostWaits = 10;

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

std::vector<Retry> steps_down_of(const Job& job) {
  std::vector<Retry> steps;
  for (const Attempt& attempt : job.attempts)
    for (const Retry& retry : attempt.retries)
      if (!retry.step_down.empty()) steps.push_back(retry);
  return steps;
}

void end_attempt(Job& job, std::string outcome) {
  if (job.attempts.empty() || job.attempts.back().ended != 0) return;
  job.attempts.back().ended = now_milliseconds();
  job.attempts.back().outcome = std::move(outcome);
}

// An attempt that ends so is made again when there is room.
bool may_wait(const Job& job, const Status& failure) {
  if (failure.code() != Code::resource_exhausted) return false;
  const auto waited = [](const Attempt& each) {
    return each.ended == 0 || each.outcome.starts_with(kWaiting);
  };
  const auto last_other = std::find_if_not(job.attempts.rbegin(), job.attempts.rend(), waited);
  return last_other - job.attempts.rbegin() <= kMostWaits;
}

void note_outcome(Job& job, const Result<nlohmann::ordered_json>& outcome, bool halted) {
  if (job.state != JobState::running) {
    // Somebody decided meanwhile; a job that is queued again was stopped for its retry or resume.
    end_attempt(job, job.state == JobState::queued ? "stopped" : std::string(name_of(job.state)));
    return;
  }
  if (outcome.ok()) {
    job.state = JobState::completed;
    job.receipt = json_text(*outcome);
    end_attempt(job, "completed");
  } else if (halted) {
    job.state = JobState::queued;
    end_attempt(job, "interrupted");
    return;
  } else if (may_wait(job, outcome.status())) {
    job.state = JobState::paused;
    job.waiting_for = outcome.status().message();
    end_attempt(job, std::string(kWaiting) + job.waiting_for);
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
  Observer(JobRecords& records, const ClientWords& words, RoomLedger& room, Ledger& ledger, std::string id)
      : records_(records), words_(words), room_(room), ledger_(ledger), id_(std::move(id)) {}

  Status planned(const Plan& plan) override {
    const std::string text = json_text(to_json(plan));
    const Result<Job> written = records_.change(
        id_,
        [&](Job& job) {
          job.plan = text;
          return only_while_running(job);
        },
        [&](const Job&) {
          return News{"plan", text};
        });
    if (!written.ok()) return written.status();
    const auto booked = ledger_.segments();
    if (!booked.ok()) return booked.status();
    Room room{plan.estimated_bytes, estimate_memory(plan)};
    for (const FinishedSegment& each : *booked) room.disk_bytes -= each.bytes;
    room.disk_bytes = std::max<std::int64_t>(room.disk_bytes, 0);
    return room_.reserve(id_, room);
  }

  void progress(const Progress& progress) override {
    const auto written = records_.change(
        id_,
        [&](Job& job) {
          job.progress = progress;
          return only_while_running(job);
        },
        [&](const Job&) {
          return News{"progress", json_text(to_json(progress))};
        });
    if (!written.ok() && written.status().code() != Code::cancelled)
      spdlog::warn("job {}: its progress is not written: {}", id_, written.status().message());
  }

  void retrying(const Retry& retry) override {
    Retry shown = retry;
    shown.message = words_.of(retry.message);
    const auto written = records_.change(
        id_,
        [&](Job& job) {
          if (Status s = only_while_running(job); !s.ok()) return s;
          std::vector<Retry>& retries = job.attempts.back().retries;
          if (retries.size() >= Attempt::kMostRetries) retries.erase(retries.begin());
          retries.push_back(shown);
          return Status();
        },
        [&](const Job&) {
          return News{"retry", json_text(to_json(shown))};
        });
    if (!written.ok() && written.status().code() != Code::cancelled)
      spdlog::warn("job {}: a retry is not written: {}", id_, written.status().message());
  }

 private:
  JobRecords& records_;
  const ClientWords& words_;
  RoomLedger& room_;
  Ledger& ledger_;
  const std::string id_;
};

Status JobAttempts::run(const std::string& id, int cores, RunControl& control) {
  const std::stop_token stop = control.stopped();
  bool cancelled = false;
  const Result<Job> job = parts_.records.change(id, [&cancelled](Job& each) -> Status {
    cancelled = each.state == JobState::cancelled;
    if (each.state != JobState::queued) return {Code::cancelled, "it is not queued any more"};
    each.state = JobState::running;
    each.attempts.push_back({now_milliseconds(), 0, ""});
    if (each.started == 0) each.started = each.attempts.back().started;
    each.error.reset();
    each.progress = {};
    return {};
  });
  // Who cancelled it saw a run, and left it the files of the attempts before.
  if (cancelled)
    if (Status s = parts_.folders.withdraw(id); !s.ok())
      spdlog::error("job {} is cancelled, its files are not withdrawn: {}", id, s.message());
  const Code code = job.status().code();
  if (code == Code::cancelled || code == Code::not_found) return {};
  if (!job.ok()) return job.status();
  spdlog::info("job {} runs on {} cores", id, cores);
  for (const std::string& output : job->cancelled_outputs) control.leave_out(output);
  auto outcome = work(*job, cores, control);
  const Status failure = outcome.status();  // in our words, with paths
  // Also by a pause that was taken back before the run began: the record says `running` then.
  const auto is_halted = [&] {
    return stop.stop_requested() || (failure.code() == Code::cancelled && control.paused().stop_requested());
  };
  if (!outcome.ok()) {
    spdlog::log(is_halted() ? spdlog::level::info : spdlog::level::warn, "job {}: {}", id,
                to_string(outcome.status()));
    outcome = parts_.words.of(outcome.status());
    // A run that got its room and then could not write knows which file; how much is lacking the ledger
    // knows.
    const Status full = parts_.room.nearly_full();
    if (outcome.status().code() == full.code() && parts_.room.holds(id)) outcome = full;
  }
  // Before the record says that it waits: from then on it may be let go.
  const Result<Job> ended = parts_.store.get(id);
  const bool waits = ended.ok() && !ended->waiting_for.empty();
  parts_.room.release(id, waits || outcome.status().code() == Code::resource_exhausted);
  // While the disk is full the outcome cannot be written either. The job stays `running`, and holds its
  // cores, until it can.
  std::mutex mutex;
  std::condition_variable_any tick;
  while (true) {
    const Status booked = book(id, outcome, failure, is_halted());
    if (booked.ok()) break;
    spdlog::error("job {}: its outcome cannot be written: {}", id, booked.message());
    std::unique_lock lock(mutex);
    if (giving_up_.stop_requested()) break;
    tick.wait_for(lock, giving_up_.get_token(), kBetweenTries, [] { return false; });
  }
  if (outcome.ok()) learn_from(id, *outcome);
  if (!outcome.ok() && !is_halted()) cut_bundle_of(id, cores, stop);
  return {};
}

void JobAttempts::cut_bundle_of(const std::string& id, int cores, const std::stop_token& stop) const {
  const Result<Job> job = parts_.store.get(id);
  if (!job.ok() || job->state != JobState::failed) return;
  const auto machine = parts_.machine();
  BundleCutParts parts{parts_.workers, *machine, parts_.room, cores, parts_.longest_cut};
  parts.others_wait = [this] {
    const auto queue = parts_.store.queue();
    return !queue.ok() || !queue->empty();
  };
  const Status cut = cut_bundle(parts_.folders.bundle(id), parts_.folders.cut(id), parts, stop);
  if (!cut.ok()) spdlog::warn("job {}: no part of its source is in its bundle: {}", id, cut.message());
}

Result<nlohmann::ordered_json> JobAttempts::work(const Job& job, int cores, RunControl& control) {
  Result<JobSpec> spec = parse_job_spec(job.spec);
  if (!spec.ok()) return spec.status();
  // A file may have gone since the job came in, or have become a link to somewhere else.
  if (Status s = parts_.policy.check(*spec); !s.ok()) return s.under(s.field());
  if (Status s = parts_.folders.make(job.id); !s.ok()) return s;
  JobRun run{std::move(*spec), parts_.folders.output(job.id), cores, plan_of(job)};
  run.steps_down = steps_down_of(job);
  StoreLedger ledger(parts_.store, job.id, [&](std::int64_t bytes) { parts_.room.wrote(job.id, bytes); });
  Observer observer(parts_.records, parts_.words, parts_.room, ledger, job.id);
  const auto machine = parts_.machine();
  RunParts run_parts{parts_.workers, *machine, ledger, observer, parts_.publisher};
  if (parts_.wait) run_parts.wait = parts_.wait;
  run_parts.control = &control;
  if (parts_.devices) run_parts.devices = parts_.devices();
  run_parts.remember = parts_.remember;
  run_parts.lost_device = parts_.lost_device;
  run_parts.stepped_down = parts_.stepped_down;
  return JobRunner(run, run_parts).run(control.stopped());
}

void JobAttempts::learn_from(const std::string& id, const nlohmann::ordered_json& receipt) const {
  if (parts_.calibration == nullptr) return;
  const Result<Job> job = parts_.store.get(id);
  if (!job.ok() || job->attempts.size() != 1 || !job->attempts.front().retries.empty() ||
      !job->cancelled_outputs.empty())
    return;
  const std::optional<Plan> plan = plan_of(*job);
  if (!plan) return;
  const auto cost = receipt.find("usage");
  const double cpu_seconds = cost == receipt.end() ? 0.0 : cost->value("cpu_seconds", 0.0);
  const Status learned = parts_.calibration->learn(*plan, media_seconds(*plan), cpu_seconds);
  if (!learned.ok()) spdlog::warn("what job {} cost is not noted: {}", id, learned.message());
}

void JobAttempts::keep_bundle(const Job& job, const Status& failure) const {
  FailureBundle bundle = bundle_of(job, failure, *parts_.machine(), log_tail().lines());
  const Result<JobSpec> spec = parse_job_spec(job.spec);
  if (spec.ok() && parts_.policy.check(*spec).ok()) add_source(bundle, source_url_of(*spec));
  const std::filesystem::path file = parts_.folders.bundle(job.id);
  Status written = make_directories(file.parent_path());
  if (written.ok()) written = write_file(file, text_of(bundle));
  if (written.ok())
    spdlog::info("job {}: to see it fail again: millrace replay {}", job.id, file.native());
  else
    spdlog::warn("job {}: no failure bundle: {}", job.id, written.message());
}

Status JobAttempts::book(const std::string& id, const Result<nlohmann::ordered_json>& outcome,
                         const Status& failure, bool halted) {
  const Result<Job> now = parts_.store.get(id);
  if (!now.ok()) return now.status().code() == Code::not_found ? Status() : now.status();
  // Before the record says that the job failed: nothing half made is on show once it does.
  if (now->state == JobState::running && !outcome.ok() && !halted && !may_wait(*now, outcome.status())) {
    if (Status s = parts_.folders.withdraw(id); !s.ok()) return s;
    keep_bundle(*now, failure);
  }
  if (outcome.ok())
    if (Status s = remove_tree(parts_.folders.bundle(id)); !s.ok()) return s;  // of an attempt before
  bool decided = false;
  const Result<Job> booked = parts_.records.change(
      id,
      [&](Job& job) {
        decided = job.state != JobState::running;
        note_outcome(job, outcome, halted);
        return Status();
      },
      [&](const Job& job) { return decided ? News{} : state_news(job); });
  if (!booked.ok()) return booked.status();
  return booked->state == JobState::cancelled ? parts_.folders.withdraw(id) : Status();
}

}  // namespace millrace::engine
