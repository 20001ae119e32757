// LateStart lets the frames from one time on through: a rendition that has its first segments already joins
// its range later than the others.
#pragma once

#include <cstdint>

#include "engine/pipeline/sink.h"

namespace millrace::engine {

class LateStart final : public Sink<FramePtr> {
 public:
  // `start` in ticks on the job's clock.
  LateStart(std::int64_t start, Sink<FramePtr>& out) : start_(start), out_(out) {}

  Status push(FramePtr frame) override {
    return frame->pts < start_ ? Status() : out_.push(std::move(frame));
  }
  Status finish() override { return out_.finish(); }

 private:
  const std::int64_t start_;
  Sink<FramePtr>& out_;
};

}  // namespace millrace::engine
