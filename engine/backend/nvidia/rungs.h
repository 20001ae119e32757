// Which renditions one launch of the ladder kernel makes, and how a picture's planes look to it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/base/status.h"
#include "engine/pipeline/av.h"
#include "engine/plan/plan.h"
#include "kernels/ladder.h"

namespace millrace::engine {

// Renditions by their numbers in the plan: of one depth, as many as a launch takes.
std::vector<std::vector<std::size_t>> launches_of(const Plan& plan);

// What becomes of an odd side of a picture.
enum class Sides {
  even,      // it loses its last column or line, as the plan's even_size has it
  as_shown,  // it stays
};
int even_side(int side);

// The shown part of a picture in `format` (NV12, P010, or yuv420p of 8 or 10 bits), whose planes lie where
// the frame says, on a device too. internal for any other format: placement leaves those on the CPU.
Result<kernels::Surface> source_surface(const AVFrame& frame, AVPixelFormat format,
                                        Sides sides = Sides::even);

// The same of a picture on the device. One on the CPU is blamed on decoding, another format on the filters.
Result<kernels::Surface> device_surface(const NvidiaDevice& device, const AVFrame& frame,
                                        Sides sides = Sides::even);

// The tables that scale such a picture into these renditions.
kernels::LadderShape shape_of(const kernels::Surface& source, const AVFrame& frame, const Plan& plan,
                              const std::vector<std::size_t>& renditions);

}  // namespace millrace::engine
