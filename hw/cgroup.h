// What the cgroups above this process leave it: CPU time and memory. Reads files only; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "hw/probe_roots.h"

namespace millrace::hw {

struct CgroupLimits {
  std::optional<double> quota_cores;               // the smallest CPU quota on the way up; 0.5 is half a core
  std::optional<std::uint64_t> memory_bytes;       // the smallest memory limit on the way up
  std::optional<std::uint64_t> memory_room_bytes;  // the smallest limit minus what its group holds for good
};

// Reads version 1, version 2 and hybrid set-ups, from the group of this process (proc/self/cgroup) up to the
// root of the mount (proc/self/mountinfo): a limit of any group on that way binds. No value: no limit, or no
// cgroups.
//
// Room takes reclaimable cache (inactive_file) as free, as the kernel does under pressure.
// In version 2 memory.high counts as a limit too: the kernel throttles a group that passes it to a crawl.
CgroupLimits read_cgroup_limits(const ProbeRoots& roots);

}  // namespace millrace::hw
