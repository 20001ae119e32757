// DeinterlaceStage: pictures on the device, the interlaced ones made whole from the field that comes first in
// time: one picture out for each that comes in, as bwdif's send_frame.
#pragma once

#include "engine/backend/nvidia/frame_pool.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// For the device's thread. Failures are blamed on the filters. Nothing on the host waits here.
class DeinterlaceStage final : public Sink<FramePtr> {
 public:
  // Pictures that it holds at once of those that come in: the one before, the one at hand and the one after.
  static constexpr int kHeld = 3;

  // Of a track that is interlaced. Pictures that are marked progressive pass as they are, unless its
  // scan_note says that the marks lie: then all have the track's order of fields.
  DeinterlaceStage(NvidiaDevice& device, const VideoTrack& track, Sink<FramePtr>& out);

  // A picture goes on when the one after it comes. At the end, and where the pictures change their shape, the
  // last one is its own neighbour; the first one takes the next for the one before too, which shows what
  // moves.
  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  bool is_whole(const AVFrame& next) const;
  Status emit(const AVFrame& next);

  NvidiaDevice& device_;
  const bool marks_tell_;
  const bool top_first_;  // where marks do not tell
  Sink<FramePtr>& out_;
  FramePool pool_;
  FramePtr previous_;
  FramePtr current_;
};

}  // namespace millrace::engine
