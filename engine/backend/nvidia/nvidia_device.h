// NvidiaDevice: one card, opened for one task: its primary context, a stream, our kernels, and the same two
// as libav knows them. Made, used and ended by one thread; others wait for slabs alone (slab.h).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"
#include "engine/plan/stage.h"
#include "kernels/cuda_driver.h"
#include "kernels/cuda_kernels.h"
#include "kernels/cuda_session.h"

namespace millrace::engine {

class NvidiaDevice {
 public:
  // Opens device `ordinal` of `driver`. The sentence of a failure is the driver's note, its code as
  // device_failure() gives it. Blocks up to seconds.
  static Result<std::unique_ptr<NvidiaDevice>> open(
      kernels::CudaDriver driver, int ordinal,
      std::span<const kernels::KernelImage> images = kernels::kernel_images());

  const std::string& name() const { return name_; }  // "cuda:0"
  const kernels::CudaDriver& driver() const { return driver_; }
  const kernels::CudaSession& session() const { return *session_; }
  kernels::CudaKernels& kernels() { return *kernels_; }

  // Context and stream as an AVHWDeviceContext, made by the first call. A failure is blamed on `stage`.
  Result<AVBufferRef*> for_av(Stage stage);

  // Whether the driver took the launches of kernels() so far; a failure is blamed on the filters.
  Status launched() const;

  // What a call to the driver failed with, blamed on the stage that made it. "decode on cuda:0: cuMemAlloc:
  // CUDA_ERROR_OUT_OF_MEMORY (2)"
  Status failed(Stage stage, std::string_view call, kernels::CudaResult error) const;

 private:
  NvidiaDevice(kernels::CudaDriver driver, int ordinal);

  const std::string name_;
  const kernels::CudaDriver driver_;
  std::unique_ptr<kernels::CudaSession> session_;
  std::unique_ptr<kernels::CudaKernels> kernels_;
  BufferPtr av_;
};

}  // namespace millrace::engine
