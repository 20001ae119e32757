// Pictures and sinks for stage tests.
#pragma once

#include <algorithm>
#include <new>
#include <vector>

#include "engine/pipeline/sink.h"

namespace millrace::engine {

// A grey picture with this pts in ticks; best_effort_timestamp is the same.
inline FramePtr picture(std::int64_t pts, int width = 16, int height = 16) {
  FramePtr frame = make_frame();
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int plane = 0; plane < 3; ++plane)
    std::fill_n(frame->data[plane], frame->linesize[plane] * (plane == 0 ? height : (height + 1) / 2), 128);
  frame->pts = pts;
  frame->best_effort_timestamp = pts;
  frame->time_base = kTicks;
  return frame;
}

inline void mark_interlaced(AVFrame& frame, bool top_first = false) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  frame.flags |= AV_FRAME_FLAG_INTERLACED;
  if (top_first) frame.flags |= AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
  frame.interlaced_frame = 1;
  frame.top_field_first = top_first ? 1 : 0;
#endif
}

// Remembers the times of what came, fails at the `fail_at`-th item (from 0) when told to.
class CollectingSink final : public Sink<FramePtr> {
 public:
  explicit CollectingSink(int fail_at = -1) : fail_at_(fail_at) {}

  Status push(FramePtr frame) override {
    if (static_cast<int>(pts.size()) == fail_at_) return Status(Code::io_error, "this sink fails");
    pts.push_back(frame->pts);
    frames.push_back(std::move(frame));
    return {};
  }
  Status finish() override {
    finished = true;
    return {};
  }

  std::vector<std::int64_t> pts;
  std::vector<FramePtr> frames;
  bool finished = false;

 private:
  const int fail_at_;
};

}  // namespace millrace::engine
