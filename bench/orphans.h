// Orphans: processes that outlive who started them. Looks into /proc; one thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "bench/process_tree.h"
#include "bench/stop_flag.h"

namespace millrace::bench {

// Each with when it started, which makes the number one process's and no other's.
using ProcessMarks = std::map<pid_t, std::uint64_t>;
ProcessMarks marks_of(const ProcessTree& tree, const std::vector<pid_t>& processes);

// Waits until all have ended, five seconds at most. How many had not; they are killed.
int end_orphans(const ProcessTree& tree, const ProcessMarks& marks, const StopFlag& stop);

}  // namespace millrace::bench
