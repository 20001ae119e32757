// SoundClock counts decoded sound in samples of its own rate since the job's time 0. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/pipeline/sink.h"

namespace millrace::engine {

class SoundClock final : public Sink<FramePtr> {
 public:
  // `zero` is the job's time 0 in seconds of the source's clock, as value and time base (the first picture's
  // pts). `sample_rate` is what the pts that go out count, whatever rate a frame has.
  SoundClock(AVRational time_base, std::int64_t zero, AVRational zero_time_base, int sample_rate,
             Sink<FramePtr>& out);

  // A frame without a timestamp follows the one before.
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

 private:
  const AVRational time_base_;
  const AVRational samples_;
  const std::int64_t zero_;  // in samples
  Sink<FramePtr>& out_;
  std::optional<std::int64_t> next_;
};

}  // namespace millrace::engine
