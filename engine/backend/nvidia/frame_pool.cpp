#include "engine/backend/nvidia/frame_pool.h"

#include <fmt/format.h>

#include <memory>
#include <new>
#include <utility>

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace millrace::engine {
namespace {

constexpr int kRowAlignment = 256;  // what texture units and copies of any card take

}  // namespace

// What the pool's memory comes from, and why there was none the last time.
struct FramePool::Memory {
  const kernels::CudaDriver& driver;
  kernels::CudaResult error = kernels::kCudaSuccess;

  static AVBufferRef* add(void* self, std::size_t bytes) {
    auto* const memory = static_cast<Memory*>(self);
    kernels::CudaAddress address = 0;
    memory->error = memory->driver.memory_allocate(&address, bytes);
    if (memory->error != kernels::kCudaSuccess) return nullptr;
    AVBufferRef* buffer =
        av_buffer_create(reinterpret_cast<std::uint8_t*>(address), bytes, give_back, self, 0);
    if (buffer == nullptr) throw std::bad_alloc();
    return buffer;
  }
  static void give_back(void* self, std::uint8_t* data) {
    static_cast<Memory*>(self)->driver.memory_free(reinterpret_cast<kernels::CudaAddress>(data));
  }
  static void end(void* self) { delete static_cast<Memory*>(self); }
};

Status FramePool::fit(const kernels::Surface& shape) {
  if (pool_ && width_ == shape.width && height_ == shape.height && depth_ == shape.depth) return {};
  const BufferPtr device(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_CUDA));
  if (!device)
    return blamed_on(
        Stage::filters,
        {Code::unsupported, fmt::format("filters on {}: this FFmpeg is built without CUDA", device_.name())});
  format_.reset(av_hwframe_ctx_alloc(device.get()));
  if (!format_) throw std::bad_alloc();
  auto* const format = reinterpret_cast<AVHWFramesContext*>(format_->data);
  format->format = AV_PIX_FMT_CUDA;
  format->sw_format = shape.depth > 8 ? AV_PIX_FMT_P010LE : AV_PIX_FMT_NV12;
  format->width = width_ = shape.width;
  format->height = height_ = shape.height;
  depth_ = shape.depth;
  stride_ = (shape.width * (shape.depth > 8 ? 2 : 1) + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
  auto memory = std::make_unique<Memory>(Memory{device_.driver()});
  const auto bytes = static_cast<std::size_t>(stride_) * static_cast<std::size_t>(height_ + height_ / 2);
  pool_.reset(av_buffer_pool_init2(bytes, memory.get(), Memory::add, Memory::end));
  if (!pool_) throw std::bad_alloc();
  memory_ = memory.release();
  return {};
}

Result<FramePtr> FramePool::take(const kernels::Surface& shape, const AVFrame& like) {
  if (Status status = fit(shape); !status.ok()) return status;
  FramePtr frame = make_frame();
  frame->buf[0] = av_buffer_pool_get(pool_.get());
  if (frame->buf[0] == nullptr)
    return device_.failed(Stage::filters, "cuMemAlloc of a picture", memory_->error);
  if (av_frame_copy_props(frame.get(), &like) < 0) throw std::bad_alloc();
  frame->crop_left = frame->crop_right = frame->crop_top = frame->crop_bottom = 0;
  frame->format = AV_PIX_FMT_CUDA;
  frame->width = width_;
  frame->height = height_;
  frame->linesize[0] = frame->linesize[1] = stride_;
  frame->data[0] = frame->buf[0]->data;
  frame->data[1] = frame->data[0] + static_cast<std::ptrdiff_t>(stride_) * height_;
  frame->hw_frames_ctx = share(*format_).release();
  return frame;
}

}  // namespace millrace::engine
