// TurnStage: pictures on the device turned upright, as their track is shown.
#pragma once

#include "engine/backend/nvidia/frame_pool.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// For the device's thread. Failures are blamed on the filters. Nothing on the host waits here.
class TurnStage final : public Sink<FramePtr> {
 public:
  TurnStage(NvidiaDevice& device, const VideoTrack& track, Sink<FramePtr>& out);

  // What comes out has even sides: of odd ones the turned picture's last column or line is left out.
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  NvidiaDevice& device_;
  const int quarters_;
  const bool mirrored_;
  Sink<FramePtr>& out_;
  FramePool pool_;
};

}  // namespace millrace::engine
