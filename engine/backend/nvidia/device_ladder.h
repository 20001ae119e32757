// DeviceLadder: each picture scaled for all renditions by our kernels, with its overlays, one launch for up
// to eight of them. What is encoded there goes into surfaces, what is encoded on the CPU into a slab that is
// copied down, one copy and one event a picture. Nothing on the host waits here.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/backend/nvidia/device_overlays.h"
#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/backend/nvidia/rungs.h"
#include "engine/backend/nvidia/slab.h"
#include "engine/backend/nvidia/surface_pool.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// For the device's thread. Failures are blamed on the filters.
class DeviceLadder final : public Sink<FramePtr> {
 public:
  // The plan and the overlays outlive it. Of a plan whose pictures are filtered on this device, and encoded
  // there or on the CPU. Failures to get surfaces are blamed on encoding.
  static Result<std::unique_ptr<DeviceLadder>> make(NvidiaDevice& device, const Plan& plan,
                                                    const OverlaySet& overlays, Sink<FramePtr>& out);
  ~DeviceLadder() override;

  // Takes frames of the device. What goes on has no pixels: it carries the renditions' pictures, for RungPick
  // to take.
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  struct Launch;
  // Where a rendition's pictures come from: one of the two.
  struct Rung {
    std::optional<SurfacePool> surfaces;
    const SlabLayout::Planes* planes = nullptr;
  };
  DeviceLadder(NvidiaDevice& device, const Plan& plan, const OverlaySet& overlays, Sink<FramePtr>& out);
  Status fit(const kernels::Surface& source, const AVFrame& frame);
  // A picture for each rendition, and where the kernels write them.
  Status take(std::vector<FramePtr>& pictures, std::vector<kernels::Surface>& targets);
  Status scale(const kernels::Surface& source, const std::vector<kernels::Surface>& targets);
  Status copy_down();

  NvidiaDevice& device_;
  const Plan& plan_;
  Sink<FramePtr>& out_;
  SlabPool slabs_;
  DeviceOverlays overlays_;
  std::vector<Rung> rungs_;  // by rendition
  std::vector<std::unique_ptr<Launch>> launches_;
  std::shared_ptr<const SlabPool::Slab> slab_;  // of the picture at hand; null: none goes down
};

// RungPick takes one rendition's picture out of what the ladder sent on. On the thread of its queue.
class RungPick final : public Sink<FramePtr> {
 public:
  RungPick(std::size_t rendition, Sink<FramePtr>& out) : rendition_(rendition), out_(out) {}
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  const std::size_t rendition_;
  Sink<FramePtr>& out_;
};

}  // namespace millrace::engine
