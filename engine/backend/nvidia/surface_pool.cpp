#include "engine/backend/nvidia/surface_pool.h"

#include <new>
#include <utility>

#include "engine/backend/device_failure.h"
#include "engine/pipeline/media_log.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace millrace::engine {

Result<SurfacePool> SurfacePool::make(NvidiaDevice& device, const SlabPicture& picture) {
  const auto av = device.for_av(Stage::encode);
  if (!av.ok()) return av.status();
  BufferPtr made(av_hwframe_ctx_alloc(*av));
  if (!made) throw std::bad_alloc();
  auto* const frames = reinterpret_cast<AVHWFramesContext*>(made->data);
  frames->format = AV_PIX_FMT_CUDA;
  frames->sw_format = picture.ten_bit ? AV_PIX_FMT_P010LE : AV_PIX_FMT_NV12;
  frames->width = picture.width;
  frames->height = picture.height;
  forget_media_words();
  if (const int error = av_hwframe_ctx_init(made.get()); error < 0)
    return device_failure(Stage::encode, device.name(), error, media_words());
  return SurfacePool(device.name(), std::move(made));
}

Result<FramePtr> SurfacePool::take() const {
  FramePtr frame = make_frame();
  forget_media_words();
  if (const int error = av_hwframe_get_buffer(frames_.get(), frame.get(), 0); error < 0)
    return device_failure(Stage::encode, device_, error, media_words());
  return frame;
}

}  // namespace millrace::engine
