// NVIDIA devices, by asking their driver: CUDA for the device, NVDEC and NVENC for its engines, NVML for its
// load. Loads drivers and makes CUDA contexts, so it belongs into a process of its own: a driver may crash,
// hang or leave the process poisoned.
#pragma once

#include <vector>

#include "hw/driver_library.h"
#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

// The devices that CUDA shows to this process (CUDA_VISIBLE_DEVICES counts), those included that only
// compute. Adds an absence "nvidia" where there is none, and one for each that does not open.
std::vector<GpuFacts> ask_nvidia(const DriverNames& names, const ProbeRoots& roots,
                                 std::vector<Absence>& absences);

}  // namespace millrace::hw
