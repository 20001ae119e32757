// What the NVDEC engines of one NVIDIA device decode, as its driver answers (cuvidGetDecoderCaps, NVIDIA
// Video Codec SDK). Loads the driver's library: for the process that asks drivers, not for the daemon.
#pragma once

#include "hw/driver_library.h"
#include "hw/inventory.h"

namespace millrace::hw {

// Fills in gpu.decodes and gpu.engines.decode, or adds an absence "decode" that says how to mend it. The
// device's CUDA context must be current on this thread.
void ask_nvdec(const DriverLibrary& nvcuvid, GpuFacts& gpu);

}  // namespace millrace::hw
