// What is to go wrong in a soak, and at which job. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace millrace::bench {

enum class Fault {
  none,
  worker_killed,   // SIGKILL to a process that works on a task
  worker_stopped,  // SIGSTOP: it lives and does nothing, like an encoder that hangs
  source_gone,     // the job's source is taken away, at some moment from its submission on
  disk_full,       // the data's disk has no room for seconds
};
inline constexpr int kFaults = 5;
std::string_view name_of(Fault fault);

// One for each job, in the order of their submission: of 200 jobs 20 kills, 4 stops, 10 sources and 1 full
// disk, each at least once, shuffled by the seed.
std::vector<Fault> plan_faults(int jobs, std::uint64_t seed);

}  // namespace millrace::bench
