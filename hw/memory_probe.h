// How much memory this machine has and how much of it this process may take. Reads files only; safe from any
// thread.
#pragma once

#include <vector>

#include "hw/cgroup.h"
#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

// Where proc/meminfo cannot be read, an absence "memory" is added; a cgroup's room is then all that is known.
MemoryFacts probe_memory(const ProbeRoots& roots, const CgroupLimits& limits, std::vector<Absence>& absences);

}  // namespace millrace::hw
