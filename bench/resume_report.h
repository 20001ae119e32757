// ResumeReport: everything that a run of `millrace-bench resume` found, and how it is told. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/ladder_report.h"

namespace millrace::bench {

// What the store and the files say when all is over.
struct ResumeBooks {
  int jobs = 0;  // in the store
  int completed = 0;
  int lost = 0;                     // acknowledged with 201, and not there
  int doubled = 0;                  // more than one job for one Idempotency-Key
  std::int64_t segments = 0;        // of pictures, that were booked
  std::int64_t segments_twice = 0;  // of them, booked again: encoded twice
  std::int64_t sounds_twice = 0;    // a sound is one pass: cut off, it starts over
  std::int64_t findings = 0;        // of a check of the store
  int stray_folders = 0;            // of no job
  std::vector<std::string> completed_ids;
  std::vector<std::string> wrong;  // sentences: what did not end as it should
};

struct ResumeReport {
  Environment environment;
  std::uint64_t seed = 0;
  int worker_kills = 0;
  int daemon_kills = 0;
  double wall_seconds = 0;
  // From a kill to what came after it, in seconds.
  std::vector<double> ready;           // GET /readyz of the next daemon answers 200
  std::vector<double> running;         // and a job runs again
  std::vector<double> worker_segment;  // the next finished segment, after a worker was killed
  std::vector<double> daemon_segment;  // after the daemon was killed
  int orphans = 0;                     // processes that outlived their daemon by more than 5 s
  int retried = 0;                     // jobs that failed as kills fell thrice on one task, and were retried
  int receipts_wrong = 0;              // `millrace verify` refuses a completed job
  ResumeBooks books;
  std::vector<Target> targets;

  int kills() const { return worker_kills + daemon_kills; }
};

// Holds the figures against what the project promises.
std::vector<Target> judge(const ResumeReport& report);

std::string figures_text(const ResumeReport& report);
nlohmann::ordered_json to_json(const ResumeReport& report);

}  // namespace millrace::bench
