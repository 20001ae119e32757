// FilterLadder: a ladder by FFmpeg's own CUDA filters, on the device and stream of our kernels.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "bench/ladder_case.h"
#include "bench/luma_plane.h"
#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/base/status.h"

namespace millrace::bench {

// For the device's thread; ends before the device.
class FilterLadder {
 public:
  virtual ~FilterLadder() = default;
  // Queues the work on one frame, which lies on the device as decoded_surface() does. It stays as it is until
  // the stream got there. A failure is blamed on the filters.
  virtual engine::Status push(const kernels::Surface& source) = 0;
  // The rungs of the frame that was pushed last, once the stream was waited for.
  virtual engine::Result<std::vector<LumaPlane>> last() = 0;
};

// `held`: so many frames' rungs are kept before their memory is written again, as the kernel's are.
using OpenFilterLadder = std::function<engine::Result<std::unique_ptr<FilterLadder>>(
    const LadderCase& ladder, engine::NvidiaDevice& device, std::size_t held)>;

// By libavfilter. Blocks up to a minute where the driver translates the filters' code for the first time.
// unsupported where this FFmpeg has no such filters; else as device_failure() says.
engine::Result<std::unique_ptr<FilterLadder>> open_filter_ladder(const LadderCase& ladder,
                                                                 engine::NvidiaDevice& device,
                                                                 std::size_t held);

}  // namespace millrace::bench
