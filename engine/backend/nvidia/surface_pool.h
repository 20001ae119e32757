// SurfacePool: pictures of one size on a device, as its encoder takes them (NV12, or P010 of 10 bits). The
// device's thread.
#pragma once

#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/backend/nvidia/slab.h"

namespace millrace::engine {

class SurfacePool {
 public:
  // Failures, here and later, are blamed on encoding.
  static Result<SurfacePool> make(NvidiaDevice& device, const SlabPicture& picture);
  // One that nobody holds, without a picture so far.
  Result<FramePtr> take() const;

 private:
  SurfacePool(std::string device, BufferPtr frames)
      : device_(std::move(device)), frames_(std::move(frames)) {}

  std::string device_;
  BufferPtr frames_;  // an AVHWFramesContext
};

}  // namespace millrace::engine
