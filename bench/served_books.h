// ServedBooks: what became of the jobs that a measurement had served, as the store and the folders say once
// no daemon holds them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bench/ladder_report.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"

namespace millrace::bench {

struct ServedBooks {
  int jobs = 0;  // in the store
  int completed = 0;
  int failed_rightly = 0;                  // their source was taken away
  int lost = 0;                            // acknowledged with 201, and not there
  int doubled = 0;                         // more than one job for one Idempotency-Key
  std::int64_t segments = 0;               // of pictures, that were booked
  std::int64_t segments_twice = 0;         // of them, booked again: encoded twice
  std::int64_t sounds_twice = 0;           // a sound is one pass: cut off, it starts over
  std::map<std::string, int> tasks_again;  // by the code of what they had failed of
  int waits = 0;                           // attempts that ended for want of room
  std::int64_t findings = 0;               // of a check of the store
  int stray_folders = 0;                   // of no job
  std::vector<std::string> completed_ids;
  std::vector<std::string> wrong;  // sentences: what did not end as it should
};

// The tag that says which Idempotency-Key made a job.
inline constexpr const char* kKeyTag = "bench";

// `acknowledged`: the ids that submissions were answered with. `sourceless`: of them, those that may fail,
// for the reason that their source is gone.
engine::Result<ServedBooks> read_served_books(const std::filesystem::path& data,
                                              const std::set<std::string>& acknowledged,
                                              const std::set<std::string>& sourceless = {});

// Runs `millrace verify` on every so many of the completed jobs; what it refuses joins what is wrong. How
// many it refuses; cancelled after a stop request.
engine::Result<int> verify_jobs(const std::string& millrace, const std::filesystem::path& data,
                                std::size_t every, ServedBooks& books, const StopFlag& stop);

// What holds of any run: nothing lost, doubled, left over or wrong. Pure.
std::vector<Target> judge(const ServedBooks& books, int orphans, int receipts_wrong);
// The first sentences of what is wrong, a line each.
std::string wrong_text(const ServedBooks& books);

}  // namespace millrace::bench
