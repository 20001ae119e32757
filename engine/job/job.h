// Job: one job's record as the store keeps it, and the states it may take. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

enum class JobState { queued, running, paused, completed, failed, cancelled };
std::string_view name_of(JobState state);
std::optional<JobState> job_state_named(std::string_view name);

// True for completed, failed, cancelled.
bool is_final(JobState state);

// The one table of allowed changes: queued -> running | paused | cancelled | failed; running -> completed |
// failed | cancelled | queued (the daemon stopped) | paused; paused -> queued | cancelled; failed | cancelled
// -> queued (retry).
bool may_change(JobState from, JobState to);

enum class Phase { checking, fetching, processing, packaging, publishing };
std::string_view name_of(Phase phase);

// Shares done, 0..1.
struct OutputProgress {
  std::string name;
  double done = 0;
};
struct Progress {
  Phase phase = Phase::checking;
  double done = 0;           // of the whole job
  double media_seconds = 0;  // of the source, worked so far
  double speed = 0;          // media seconds per second; 0: not known yet
  double eta_seconds = -1;   // -1: not known yet
  std::vector<OutputProgress> outputs;
};

struct JobError {
  Code code = Code::internal;
  std::string message;
};

// A task that failed within an attempt and was given out again.
struct Retry {
  std::int64_t at = 0;  // milliseconds since 1970 UTC
  std::string task;     // "the pictures from segment 3", "abr/audio"
  Code code = Code::internal;
  std::string message;
  double wait_seconds = 0;  // before it was given out again
  std::string step_down;    // what is done more carefully from here on; empty: nothing
  std::string stage = {};   // that failed on its device: "decode", "filters", "encode"; empty: not known
};

// Times are milliseconds since 1970 UTC; 0: not yet.
struct Attempt {
  static constexpr std::size_t kMostRetries = 50;

  std::int64_t started = 0;
  std::int64_t ended = 0;
  std::string outcome;              // "interrupted", "failed: ...", "completed"
  std::vector<Retry> retries = {};  // the latest kMostRetries
};

struct Job {
  std::string id;    // a ULID
  std::string spec;  // JSON, defaults written out
  JobState state = JobState::queued;
  int priority = 50;
  std::int64_t created = 0;
  std::int64_t started = 0;
  std::int64_t finished = 0;
  std::vector<Attempt> attempts;
  Progress progress;
  std::optional<JobError> error;
  // Paused until there is room, and why: "the disk has ...". Empty: it waits for nobody but a person, or not
  // at all.
  std::string waiting_for;
  std::vector<std::string> cancelled_outputs;  // names; the job goes on without them
  std::string plan;                            // JSON; empty before it was made
  std::string receipt;                         // JSON; empty before completed
  std::vector<std::string> tags;               // "key=value", for lists
};

}  // namespace millrace::engine
