// Scaler: one bicubic pass of zimg (b = 0, c = 0.6) to yuv420p, of 8 or 10 bits, of a fixed
// size.
#pragma once

#include "engine/backend/backend.h"
#include "engine/pipeline/filter_stage.h"

namespace millrace::engine {

class Scaler final : public Sink<FramePtr> {
 public:
  Scaler(const ScalerSettings& settings, Sink<FramePtr>& out);

  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  const ScalerSettings settings_;
  const AVPixelFormat format_;
  Sink<FramePtr>& out_;
  FilterStage filter_;  // used for pictures that do not fit already; holds none back
};

}  // namespace millrace::engine
