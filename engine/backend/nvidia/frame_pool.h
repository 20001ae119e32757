// FramePool: pictures between two steps on the device (NV12, or P010 of 10 bits), as many as are held at
// once. For the device's thread, where its frames end too.
#pragma once

#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/pipeline/av.h"
#include "kernels/pixel.h"

namespace millrace::engine {

class FramePool {
 public:
  explicit FramePool(const NvidiaDevice& device) : device_(device) {}

  // One that nobody holds, of the shape's size (even) and depth, without a picture so far; with the
  // properties of `like`, but its cropping. What is queued to read one that was let go is done before what is
  // queued to write it anew. Failures are blamed on the filters.
  Result<FramePtr> take(const kernels::Surface& shape, const AVFrame& like);

 private:
  struct PoolDelete {
    void operator()(AVBufferPool* pool) const { av_buffer_pool_uninit(&pool); }
  };
  struct Memory;
  Status fit(const kernels::Surface& shape);

  const NvidiaDevice& device_;
  int width_ = 0;
  int height_ = 0;
  int depth_ = 0;
  int stride_ = 0;    // bytes, of both planes
  BufferPtr format_;  // an AVHWFramesContext that says what the samples are, and has none itself
  std::unique_ptr<AVBufferPool, PoolDelete> pool_;
  Memory* memory_ = nullptr;  // the pool's own
};

}  // namespace millrace::engine
