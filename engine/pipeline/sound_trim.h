// SoundTrim ends the sound after a number of samples. One thread.
#pragma once

#include <cstdint>
#include <limits>

#include "engine/pipeline/sink.h"

namespace millrace::engine {

class SoundTrim final : public Sink<FramePtr> {
 public:
  static constexpr std::int64_t kWhole = std::numeric_limits<std::int64_t>::max();

  SoundTrim(std::int64_t end_sample, Sink<FramePtr>& out) : end_(end_sample), out_(out) {}

  // Frames follow each other without a gap from sample 0; pts are set to the count.
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

  std::int64_t samples() const { return samples_; }  // that went through
  bool done() const { return samples_ >= end_; }

 private:
  const std::int64_t end_;
  Sink<FramePtr>& out_;
  std::int64_t samples_ = 0;
};

}  // namespace millrace::engine
