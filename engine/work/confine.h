// Confines this process to one task, for good: files, network, other processes, memory and time.
#pragma once

#include "engine/base/status.h"
#include "engine/work/task_reach.h"
#include "hw/inventory.h"

namespace millrace::engine {

// Call while the process has one thread. What the kernel does not offer, as `offered` has it, is left out;
// internal when something that it offers does not work: the task must not run then. Memory past the limit is
// a failed allocation; CPU time past it is SIGXCPU, and the process dies without a core file.
Status confine(const TaskReach& reach, const hw::ConfinementFacts& offered);

}  // namespace millrace::engine
