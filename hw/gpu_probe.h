// Which GPUs work here, and for each kind that does not: what is missing and how to mend it. Looks at PCI
// cards and device nodes itself; drivers are asked by a child process, which may crash or hang.
#pragma once

#include <vector>

#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

// Blocks while drivers answer: seconds where there is a GPU, roots.patience for each kind at most. A kind
// without a GPU has one absence, "nvidia" or "vaapi", at least.
std::vector<GpuFacts> probe_gpus(const ProbeRoots& roots, std::vector<Absence>& absences);

}  // namespace millrace::hw
