// What the kernel offers to hold a worker within its task. Takes microseconds and changes nothing.
#pragma once

#include <vector>

#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

// Adds an absence "landlock" or "seccomp" for each that is missing. A sanitizer build has neither: its
// runtime opens files, makes processes and reserves memory as a confined worker may not.
ConfinementFacts probe_confinement(const ProbeRoots& roots, std::vector<Absence>& absences);

}  // namespace millrace::hw
