// What the NVENC engines of one NVIDIA device encode, and how many sessions open: by opening them
// (nvEncOpenEncodeSessionEx, NVIDIA Video Codec SDK). Loads the driver's library and holds encoders for a
// moment: for the process that asks drivers, not for the daemon.
#pragma once

#include "hw/driver_library.h"
#include "hw/inventory.h"

namespace millrace::hw {

// Fills in gpu.encodes, gpu.engines.encode and gpu.free_encode_sessions, or adds an absence "encode" that
// says how to mend it. `context` is the device's CUDA context (a CUcontext).
void ask_nvenc(const DriverLibrary& nvenc, void* context, GpuFacts& gpu);

}  // namespace millrace::hw
