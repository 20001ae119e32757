// The NVIDIA backend: NVDEC by libavcodec's own decoders, our kernels, pinned memory to the CPU's encoders.
#pragma once

#include <memory>

#include "engine/backend/backend.h"
#include "engine/backend/nvidia/deinterlace_stage.h"
#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/plan/placement.h"

namespace millrace::engine {

// Decoded pictures that are held behind the decoder at the most: a deinterlacer's, and the gate's last one.
// The decoder's pool gets so many more.
inline constexpr int kHeldDecoded = DeinterlaceStage::kHeld + 1;

// What this build drives of NVIDIA's devices; nothing where it holds no kernels.
void add_nvidia(Backends& built);

// Opens device number `ordinal` by NVIDIA's driver, for one task; on the thread that works and ends it. Fails
// as NvidiaDevice::open does.
Result<std::unique_ptr<Backend>> open_nvidia_backend(int ordinal);
// Of a device that is open.
std::unique_ptr<Backend> make_nvidia_backend(std::unique_ptr<NvidiaDevice> device);

}  // namespace millrace::engine
