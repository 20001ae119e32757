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
  // `queued_frames`: how many a branch may hold.
  FanOut(FirstFailure& failure, std::size_t queued_frames)
      : failure_(failure), queued_frames_(queued_frames) {}

  // Enough to go on while the largest encoder stands still for the check of a segment, and about 100 MB of
  // 4:2:0 pictures at most: of 8 bits 30 of 1920x1080, 7 of 3840x2160; half of that of 10 bits (2 bytes).
  static std::size_t queued_frames_for(int width, int height, int bytes_per_sample = 1);

  // A new branch with a thread of its own; before the first push.
  void add(Sink<FramePtr>& branch);

  Status push(FramePtr frame) override;
  // Closes all branches, so that they flush side by side, then waits for them all.
  Status finish() override;

 private:
  FirstFailure& failure_;
  const std::size_t queued_frames_;
  std::vector<std::unique_ptr<QueueStage>> branches_;
};

}  // namespace millrace::engine
