// What the processor is and how much of it this process may use. Reads files only; safe from any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hw/cgroup.h"
#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

// A kernel list of CPUs: "0-3,8" is {0,1,2,3,8}. Parts that are no number or range are passed over.
std::set<int> parse_cpu_list(std::string_view list);

// Instruction sets that pixel work or codecs use, least first, out of the words of a "flags" (x86) or
// "Features" (ARM) line.
std::vector<std::string> simd_of(std::string_view flags);

// Where proc/cpuinfo cannot be read, an absence "cpu" is added, and one core is taken as there.
CpuFacts probe_cpu(const ProbeRoots& roots, const CgroupLimits& limits, std::vector<Absence>& absences);

}  // namespace millrace::hw
