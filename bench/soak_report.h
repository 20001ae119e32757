// SoakReport: everything that a run of `millrace-bench soak` found, and how it is told. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/ladder_report.h"
#include "bench/served_books.h"
#include "bench/soak_faults.h"

namespace millrace::bench {

// The daemon at rest: no job is left, no task under way.
struct RestingDaemon {
  int jobs = 0;  // that it has been given so far
  double seconds = 0;
  std::int64_t memory_bytes = 0;  // its own, without its workers'
  int threads = 0;
  int open_files = 0;   // but for the next
  int store_files = 0;  // in its store's folder
  int processes = 0;    // below it
};

struct SoakReport {
  Environment environment;
  std::uint64_t seed = 0;
  double wall_seconds = 0;
  std::array<int, kFaults> faults{};   // that were done, by kind
  std::string no_full_disk;            // why there was none; empty: there was
  int put_off = 0;                     // submissions that were answered with 503 first
  std::vector<RestingDaemon> samples;  // the first after a tenth of the jobs
  int orphans = 0;
  int receipts = 0;        // that were verified
  int receipts_wrong = 0;  // of them
  ServedBooks books;
  std::vector<Target> targets;

  int count(Fault fault) const { return faults[static_cast<std::size_t>(fault)]; }
};

// Holds the figures against what the project promises.
std::vector<Target> judge(const SoakReport& report);

std::string figures_text(const SoakReport& report);
nlohmann::ordered_json to_json(const SoakReport& report);

}  // namespace millrace::bench
