// ask_drivers is what the child process does that the probe of GPUs starts. Loads drivers: not for the
// daemon.
#pragma once

#include <string_view>

#include "hw/driver_library.h"
#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

// The two ways to a GPU; also the names of their absences.
inline constexpr std::string_view kNvidiaKind = "nvidia";
inline constexpr std::string_view kVaapiKind = "vaapi";

// An inventory of that kind's devices and absences, and of nothing else. May crash or hang as the driver
// does.
Inventory ask_drivers(std::string_view kind, const DriverNames& names = {}, const ProbeRoots& roots = {});

}  // namespace millrace::hw
