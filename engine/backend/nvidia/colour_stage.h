// ColourStage: pictures on the device with the colours that the plan asks for, in the depth that they have.
#pragma once

#include "engine/backend/nvidia/colour_work.h"
#include "engine/backend/nvidia/frame_pool.h"
#include "engine/pipeline/sink.h"

namespace millrace::engine {

// For the device's thread. Failures are blamed on the filters. Nothing on the host waits here.
class ColourStage final : public Sink<FramePtr> {
 public:
  ColourStage(NvidiaDevice& device, ColourChange change, Sink<FramePtr>& out)
      : device_(device), change_(change), out_(out), pool_(device) {}

  // A picture that is as asked passes as it is. unsupported for colours that the kernels have no maths for.
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  NvidiaDevice& device_;
  const ColourChange change_;
  Sink<FramePtr>& out_;
  FramePool pool_;
};

}  // namespace millrace::engine
