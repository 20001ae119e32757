// FanOut gives every frame to all its branches. The picture is shared unchanged; each branch gets properties
// of its own. One producer thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/pipeline/queue_stage.h"

namespace millrace::engine {

class FanOut final : public Sink<FramePtr> {
 public:
  // Frames a branch may hold: enough to even out encoders, few enough for 4K pictures.
  static constexpr std::size_t kQueuedFrames = 8;

  explicit FanOut(FirstFailure& failure) : failure_(failure) {}

  // A new branch with a thread of its own; before the first push.
  void add(Sink<FramePtr>& branch);

  Status push(FramePtr frame) override;
  // Closes all branches, so that they flush side by side, then waits for them all.
  Status finish() override;

 private:
  FirstFailure& failure_;
  std::vector<std::unique_ptr<QueueStage>> branches_;
};

}  // namespace millrace::engine
