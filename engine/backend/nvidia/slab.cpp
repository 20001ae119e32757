#include "engine/backend/nvidia/slab.h"

#include <new>
#include <utility>

namespace millrace::engine {
namespace {

constexpr std::size_t kAlignment = 64;
using Held = std::shared_ptr<const SlabPool::Slab>;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

void let_go(void* held, std::uint8_t* /*data*/) { delete static_cast<Held*>(held); }

}  // namespace

SlabLayout slab_layout(const std::vector<SlabPicture>& pictures) {
  SlabLayout layout;
  for (const SlabPicture& picture : pictures) {
    const std::size_t sample = picture.ten_bit ? 2 : 1;
    const auto width = static_cast<std::size_t>(picture.width),
               height = static_cast<std::size_t>(picture.height);
    SlabLayout::Planes planes;
    planes.picture = picture;
    planes.luma_stride = static_cast<int>(aligned(width * sample));
    planes.chroma_stride = static_cast<int>(aligned(width / 2 * sample));
    const auto place = [&](int stride, std::size_t rows) {
      const std::size_t at = layout.bytes;
      layout.bytes += static_cast<std::size_t>(stride) * rows;
      return at;
    };
    planes.luma = place(planes.luma_stride, height);
    planes.u = place(planes.chroma_stride, height / 2);
    planes.v = place(planes.chroma_stride, height / 2);
    layout.pictures.push_back(planes);
  }
  layout.bytes += kAlignment;  // what reads whole vectors reads past the last row
  return layout;
}

kernels::Surface surface_of(const SlabLayout::Planes& planes, std::byte* base) {
  kernels::Surface surface;
  surface.luma = base + planes.luma;
  surface.u = base + planes.u;
  surface.v = base + planes.v;
  surface.luma_stride = planes.luma_stride;
  surface.chroma_stride = planes.chroma_stride;
  surface.width = planes.picture.width;
  surface.height = planes.picture.height;
  surface.depth = planes.picture.ten_bit ? 10 : 8;
  return surface;
}

SlabPool::SlabPool(NvidiaDevice& device, SlabLayout layout) : device_(device), layout_(std::move(layout)) {}

SlabPool::~SlabPool() {
  const kernels::CudaDriver& driver = device_.driver();
  for (const auto& slab : all_) {
    if (slab->event != nullptr) driver.event_destroy(slab->event);
    if (slab->host != nullptr) driver.host_free(slab->host);
    if (slab->device != nullptr) driver.memory_free(reinterpret_cast<kernels::CudaAddress>(slab->device));
  }
}

Status SlabPool::add() {
  const kernels::CudaDriver& driver = device_.driver();
  all_.push_back(std::make_unique<Slab>());
  Slab& slab = *all_.back();
  kernels::CudaAddress address = 0;
  if (const auto error = driver.memory_allocate(&address, layout_.bytes); error != kernels::kCudaSuccess)
    return device_.failed(Stage::filters, "cuMemAlloc of scaled pictures", error);
  slab.device = reinterpret_cast<std::byte*>(address);
  void* host = nullptr;
  if (const auto error = driver.host_allocate(&host, layout_.bytes); error != kernels::kCudaSuccess)
    return device_.failed(Stage::filters, "cuMemAllocHost of scaled pictures", error);
  slab.host = static_cast<std::byte*>(host);
  if (const auto error = driver.event_create(&slab.event, kernels::kCudaWaitingEvent);
      error != kernels::kCudaSuccess) {
    slab.event = nullptr;
    return device_.failed(Stage::filters, "cuEventCreate", error);
  }
  const std::lock_guard lock(mutex_);
  free_.push_back(&slab);
  return {};
}

Result<std::shared_ptr<const SlabPool::Slab>> SlabPool::take() {
  std::unique_lock lock(mutex_);
  if (free_.empty()) {
    lock.unlock();
    if (Status status = add(); !status.ok()) return status;
    lock.lock();
  }
  Slab* const slab = free_.back();
  free_.pop_back();
  return std::shared_ptr<const Slab>(slab, [this, slab](const Slab*) {
    const std::lock_guard back(mutex_);
    free_.push_back(slab);
  });
}

FramePtr frame_over(const SlabLayout::Planes& planes, std::shared_ptr<const SlabPool::Slab> slab) {
  const kernels::Surface surface = surface_of(planes, slab->host);
  FramePtr frame = make_frame();
  frame->format = planes.picture.ten_bit ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
  frame->width = surface.width;
  frame->height = surface.height;
  std::byte* const data[3] = {surface.luma, surface.u, surface.v};
  for (int plane = 0; plane < 3; ++plane) {
    frame->data[plane] = reinterpret_cast<std::uint8_t*>(data[plane]);
    frame->linesize[plane] = plane == 0 ? surface.luma_stride : surface.chroma_stride;
  }
  auto held = std::make_unique<Held>(std::move(slab));
  const std::size_t bytes =
      planes.v + static_cast<std::size_t>(planes.chroma_stride * surface.height / 2) - planes.luma;
  frame->buf[0] = av_buffer_create(frame->data[0], bytes, let_go, held.get(), 0);
  if (frame->buf[0] == nullptr) throw std::bad_alloc();
  static_cast<void>(held.release());
  return frame;
}

Status SlabWait::push(FramePtr frame) {
  const Held& slab = *static_cast<const Held*>(av_buffer_get_opaque(frame->buf[0]));
  const kernels::CudaCurrent current(device_.session());
  if (const auto error = device_.driver().event_synchronize(slab->event); error != kernels::kCudaSuccess)
    return device_.failed(Stage::filters, "waiting for scaled pictures", error);
  return out_.push(std::move(frame));
}

}  // namespace millrace::engine
