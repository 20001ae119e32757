#include "engine/schedule/recovery.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/job/job_json.h"

namespace millrace::engine {
namespace {

void end_attempt(Job& job) {
  if (job.attempts.empty() || job.attempts.back().ended != 0) return;
  job.attempts.back().ended = now_milliseconds();
  job.attempts.back().outcome = "interrupted";
}

void interrupt(Job& job) {
  job.state = JobState::queued;
  end_attempt(job);
}

void fail(Job& job, std::size_t segments) {
  if (job.state == JobState::running) interrupt(job);
  job.state = JobState::failed;
  job.finished = now_milliseconds();
  job.error = JobError{
      Code::io_error,
      fmt::format("its folder with {} finished segments is gone; retry the job to start over", segments)};
}

// One job that was queued or running when the daemon ended.
Status take_up(const std::string& id, Store& store, JobRecords& records, const JobFolders& folders) {
  const auto segments = store.segments(id);
  if (!segments.ok() && segments.status().code() != Code::internal) return segments.status();
  // A ledger that is damaged: its next run says so, and fails.
  if (!segments.ok()) spdlog::error("{}", segments.status().message());
  const bool lost = segments.ok() && !segments->empty() && !folders.exists(id);
  const Result<Job> job = store.get(id);
  if (!job.ok()) return job.status();
  if (!lost && job->state == JobState::queued) return {};
  spdlog::info("job {} was {}: {}", id, name_of(job->state),
               lost ? "its folder is gone" : "it is queued again");
  return records
      .change(id,
              [&](Job& each) {
                if (lost)
                  fail(each, segments->size());
                else
                  interrupt(each);
                return Status();
              })
      .status();
}

// One job that was paused: its run may have been on its way to an edge.
Status end_run(const std::string& id, Store& store, JobRecords& records) {
  const Result<Job> job = store.get(id);
  if (!job.ok()) return job.status();
  if (job->attempts.empty() || job->attempts.back().ended != 0) return {};
  return records
      .change(
          id,
          [](Job& each) {
            end_attempt(each);
            return Status();
          },
          [](const Job&) { return News{}; })
      .status();
}

}  // namespace

Status recover(Store& store, JobRecords& records, const JobFolders& folders) {
  std::set<std::string> known;
  for (const JobState state : {JobState::queued, JobState::running, JobState::paused, JobState::completed,
                               JobState::failed, JobState::cancelled}) {
    const auto ids = store.ids_in(state);
    if (!ids.ok()) return ids.status();
    known.insert(ids->begin(), ids->end());
    if (state != JobState::queued && state != JobState::running && state != JobState::paused) continue;
    for (const std::string& id : *ids) {
      const Status status =
          state == JobState::paused ? end_run(id, store, records) : take_up(id, store, records, folders);
      if (status.code() == Code::internal)
        spdlog::error("{}", status.message());
      else if (!status.ok())
        return status;
    }
  }
  const auto removed = folders.remove_unknown(known);
  if (!removed.ok()) return removed.status();
  for (const std::string& id : *removed)
    spdlog::warn("removed the folder of {}, which is no job of this store", id);
  return {};
}

}  // namespace millrace::engine
