// VAAPI devices, by asking the driver of each render node (libva: profiles x entrypoints). Loads drivers, so
// it belongs into a process of its own.
#pragma once

#include <vector>

#include "hw/driver_library.h"
#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

// A device per render node whose driver starts; NVIDIA's nodes are passed over. Adds an absence "vaapi" for
// each node that does not work, or one where there is no node.
std::vector<GpuFacts> ask_vaapi(const DriverNames& names, const ProbeRoots& roots,
                                std::vector<Absence>& absences);

}  // namespace millrace::hw
