// ResumeReport: everything that a run of `millrace-bench resume` found, and how it is told. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/ladder_report.h"
#include "bench/served_books.h"

namespace millrace::bench {

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
  int receipts_wrong = 0;              // `millrace verify` refuses a completed job
  ServedBooks books;
  std::vector<Target> targets;

  int kills() const { return worker_kills + daemon_kills; }
};

// Holds the figures against what the project promises.
std::vector<Target> judge(const ResumeReport& report);

std::string figures_text(const ResumeReport& report);
nlohmann::ordered_json to_json(const ResumeReport& report);

}  // namespace millrace::bench
