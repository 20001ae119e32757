// Which GPUs can work here, and for each kind that cannot: what is missing and how to mend it.
// Touches no GPU context: it lists devices, opens and closes their nodes, and tries to load the driver's
// library.
#pragma once

#include <vector>

#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

// Adds exactly one absence "nvidia" and one absence "vaapi", and returns no GPU: GPU work is not part of this
// version, so a machine that has everything in place hears exactly that.
std::vector<GpuFacts> probe_gpus(const ProbeRoots& roots, std::vector<Absence>& absences);

}  // namespace millrace::hw
