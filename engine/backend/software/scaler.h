// Scaler: one bicubic pass of zimg (b = 0, c = 0.6) to yuv420p of a fixed size.
#pragma once

#include "engine/backend/backend.h"
#include "engine/pipeline/filter_stage.h"

namespace millrace::engine {

class Scaler final : public Sink<FramePtr> {
 public:
  Scaler(int width, int height, Sink<FramePtr>& out);

  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  const int width_;
  const int height_;
  Sink<FramePtr>& out_;
  FilterStage filter_;  // used for pictures that do not fit already; holds none back
};

}  // namespace millrace::engine
