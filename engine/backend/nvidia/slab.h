// Slab: one picture at every size that goes to the CPU, one after the other, on the device and in pinned
// memory of the host, with the event that says that the copy is there. One copy and one event a frame,
// whatever the ladder.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/pipeline/sink.h"
#include "kernels/pixel.h"

namespace millrace::engine {

struct SlabPicture {
  int width = 0;  // even
  int height = 0;
  bool ten_bit = false;  // yuv420p10le, else yuv420p
};

// Where the planes of each picture lie, in bytes from the slab's beginning. Rows and planes begin at
// multiples of 64, as libav's own pictures do.
struct SlabLayout {
  struct Planes {
    SlabPicture picture;
    std::size_t luma = 0, u = 0, v = 0;
    int luma_stride = 0, chroma_stride = 0;
  };
  std::vector<Planes> pictures;
  std::size_t bytes = 0;
};
SlabLayout slab_layout(const std::vector<SlabPicture>& pictures);

// One of the layout's pictures, in a slab that lies at `base`.
kernels::Surface surface_of(const SlabLayout::Planes& planes, std::byte* base);

// Slabs of one layout. It grows as far as pictures are held at once, which the renditions' queues bound.
// take() belongs to the device's thread, and so does its end, when no frame is left.
class SlabPool {
 public:
  SlabPool(NvidiaDevice& device, SlabLayout layout);
  ~SlabPool();
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;

  struct Slab {
    std::byte* device = nullptr;
    std::byte* host = nullptr;
    kernels::CudaHandle event = nullptr;
  };
  // One that nobody holds any more; it goes back when all who share it are gone, on any thread. A failure is
  // blamed on the filters.
  Result<std::shared_ptr<const Slab>> take();
  const SlabLayout& layout() const { return layout_; }

 private:
  Status add();

  NvidiaDevice& device_;
  const SlabLayout layout_;
  std::vector<std::unique_ptr<Slab>> all_;
  std::mutex mutex_;
  std::vector<Slab*> free_;
};

// A frame of the CPU over the host's copy of a picture, which holds the slab. Nobody reads it before its
// event.
FramePtr frame_over(const SlabLayout::Planes& planes, std::shared_ptr<const SlabPool::Slab> slab);

// SlabWait lets frames of slabs on once their copy is there: the download as its branch sees it. Any thread.
// A failure on the device since is blamed on the filters.
class SlabWait final : public Sink<FramePtr> {
 public:
  SlabWait(const NvidiaDevice& device, Sink<FramePtr>& out) : device_(device), out_(out) {}
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  const NvidiaDevice& device_;
  Sink<FramePtr>& out_;
};

}  // namespace millrace::engine
