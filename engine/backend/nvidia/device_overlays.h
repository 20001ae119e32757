// DeviceOverlays: what lies over a picture of each rendition, ready for the ladder's launch. The tables are
// the ones that OverlayStage uses on the CPU.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/pipeline/overlay.h"
#include "kernels/overlay.h"

namespace millrace::engine {

// For the device's thread.
class DeviceOverlays {
 public:
  // The set outlives it.
  DeviceOverlays(const NvidiaDevice& device, const Plan& plan, const OverlaySet& set);

  // Makes ready what is shown over this picture, by its time and colours. Little is done while that stays as
  // it is. A failure is blamed on the filters.
  Status fit(const AVFrame& frame);

  // Over the picture that fit() was called for last; of a rendition by its number in the plan.
  kernels::Overlay of(std::size_t rendition) const;

 private:
  struct Rung {
    OverlayShape shape;
    std::vector<std::unique_ptr<const OverlayLayer>> layers;  // null until they are shown
    std::optional<kernels::OverlayTables> tables;
    std::unique_ptr<kernels::CudaMemory> there;
  };
  Status lay(Rung& rung) const;

  const NvidiaDevice& device_;
  const OverlaySet& set_;
  std::vector<bool> shown_;  // of the set, the last time
  std::vector<Rung> rungs_;
};

}  // namespace millrace::engine
