// StoreReport: everything that a run of `millrace-bench store` found, and how it is told. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/ladder_report.h"

namespace millrace::bench {

// Pages of all jobs in one state, one after another by their cursors.
struct ListFigures {
  std::string state;
  int jobs = 0;
  Times page;
};

struct StoreReport {
  Environment environment;
  int clients = 0;
  int submissions = 0;
  int page = 0;
  double syncs_per_second = 0;  // one writer, 2 kB and fdatasync: what the disk does without a store
  double seconds = 0;           // of all submissions
  Times submission;
  double fill_seconds = 0;  // until the store held all the jobs that are listed
  double open_milliseconds = 0;
  std::int64_t bytes = 0;  // of the store with all jobs
  std::vector<ListFigures> lists;
  std::vector<Target> targets;

  double submissions_per_second() const;  // 0 without any
};

// Holds the figures against what the project promises.
std::vector<Target> judge(const StoreReport& report);

std::string figures_text(const StoreReport& report);
nlohmann::ordered_json to_json(const StoreReport& report);

}  // namespace millrace::bench
