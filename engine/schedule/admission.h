// Admission: which waiting jobs start now, with how many cores, and which running ones make room. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace::engine {

// A job that waits for its turn. One that keeps pace with its media (real_time) has a demand; any other takes
// what is left.
struct Waiting {
  std::int64_t live_millicores = 0;  // above 0: it keeps pace, and needs so much
  int most_cores = 0;                // of any other job: what it takes at most; 0: any number
};

struct Running {
  std::int64_t millicores = 0;  // that it holds
  bool live = false;
  bool yielding = false;  // it was asked to end at its next edge
};

struct Admission {
  std::vector<std::int64_t> millicores;  // for each that waits; 0: it waits on
  std::vector<std::size_t> yield;        // of those that run: who shall end at the next edge
};

// `waiting` in the order of the queue, `running` oldest first. Live jobs come first and get what they need,
// one that needs more than there is all of it; the others share the whole cores that are left (share_cores),
// so many of them at a time at most. Where a live job lacks room that others hold, the youngest of these
// yield, and nobody takes what becomes free before it has; live jobs that wait for each other hold nobody
// back.
Admission admit(std::int64_t total_millicores, int most_batch_jobs, const std::vector<Waiting>& waiting,
                const std::vector<Running>& running);

}  // namespace millrace::engine
