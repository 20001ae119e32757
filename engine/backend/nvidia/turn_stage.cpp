#include "engine/backend/nvidia/turn_stage.h"

#include <utility>

#include "engine/backend/nvidia/rungs.h"
#include "engine/base/work_count.h"

namespace millrace::engine {

TurnStage::TurnStage(NvidiaDevice& device, const VideoTrack& track, Sink<FramePtr>& out)
    : device_(device),
      quarters_(track.rotation_degrees / 90),
      mirrored_(track.mirrored),
      out_(out),
      pool_(device) {}

Status TurnStage::push(FramePtr frame) {
  const auto source = device_surface(device_, *frame, Sides::as_shown);
  if (!source.ok()) return source.status();
  const bool sideways = quarters_ % 2 != 0;
  kernels::Surface shape = *source;
  if (sideways) std::swap(shape.width, shape.height);
  shape.width = even_side(shape.width);
  shape.height = even_side(shape.height);
  auto upright = pool_.take(shape, *frame);
  if (!upright.ok()) return upright.status();
  const auto target = device_surface(device_, **upright);
  if (!target.ok()) return target.status();
  device_.kernels().turn({*source, *target, quarters_, mirrored_ ? 1 : 0});
  if (Status status = device_.launched(); !status.ok()) return status;
  if (sideways && frame->sample_aspect_ratio.num > 0)
    (*upright)->sample_aspect_ratio = av_inv_q(frame->sample_aspect_ratio);
  note_work();
  return out_.push(std::move(*upright));
}

}  // namespace millrace::engine
