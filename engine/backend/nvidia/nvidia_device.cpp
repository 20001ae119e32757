#include "engine/backend/nvidia/nvidia_device.h"

// Before libav's header, which then asks for no cuda.h.
#include <ffnvcodec/dynlink_cuda.h>
#include <fmt/format.h>

#include <utility>

#include "engine/backend/device_failure.h"
#include "engine/pipeline/media_log.h"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_cuda.h>
}

namespace millrace::engine {
namespace {

// What device_failure() says of a note's code; the note is the sentence.
Status as_noted(const std::string& name, const std::string& note) {
  return {device_failure(Stage::decode, name, AVERROR(ENOSYS), note).code(), note};
}

}  // namespace

NvidiaDevice::NvidiaDevice(kernels::CudaDriver driver, int ordinal)
    : name_(fmt::format("cuda:{}", ordinal)), driver_(std::move(driver)) {}

Result<std::unique_ptr<NvidiaDevice>> NvidiaDevice::open(kernels::CudaDriver driver, int ordinal,
                                                         std::span<const kernels::KernelImage> images) {
  std::unique_ptr<NvidiaDevice> device(new NvidiaDevice(std::move(driver), ordinal));
  kernels::CudaSession::Made session = kernels::CudaSession::open(device->driver_, ordinal);
  if (!session.session) return as_noted(device->name_, session.note);
  device->session_ = std::move(session.session);
  kernels::CudaKernels::Made made =
      kernels::CudaKernels::make(device->driver_, device->session_->stream(), images);
  if (!made.kernels) return as_noted(device->name_, made.note);
  device->kernels_ = std::move(made.kernels);
  return device;
}

Result<AVBufferRef*> NvidiaDevice::for_av(Stage stage) {
  if (av_) return av_.get();
  forget_media_words();
  BufferPtr made(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_CUDA));
  if (!made)
    return blamed_on(stage, {Code::unsupported, fmt::format("{} on {}: this FFmpeg is built without CUDA",
                                                            name_of(stage), name_)});
  auto* const context = reinterpret_cast<AVHWDeviceContext*>(made->data);
  auto* const cuda = static_cast<AVCUDADeviceContext*>(context->hwctx);
  cuda->cuda_ctx = static_cast<CUcontext>(session_->context());
  cuda->stream = static_cast<CUstream>(session_->stream());
  if (const int error = av_hwdevice_ctx_init(made.get()); error < 0)
    return device_failure(stage, name_, error, media_words());
  av_ = std::move(made);
  return av_.get();
}

Status NvidiaDevice::launched() const {
  const std::string& why = kernels_->failure();
  return why.empty() ? Status() : device_failure(Stage::filters, name_, AVERROR_EXTERNAL, why);
}

Status NvidiaDevice::failed(Stage stage, std::string_view call, kernels::CudaResult error) const {
  return device_failure(stage, name_, AVERROR_EXTERNAL, fmt::format("{}: {}", call, driver_.text_of(error)));
}

}  // namespace millrace::engine
