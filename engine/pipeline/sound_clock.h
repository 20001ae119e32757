// SoundClock puts sound on the job's clock: every sample from 0 on, once and without a gap. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "engine/pipeline/sink.h"
#include "engine/pipeline/sound_trim.h"

namespace millrace::engine {

struct SoundTiming {
  int sample_rate = 48'000;              // of all frames; timestamps and places count its samples
  std::int64_t zero = 0;                 // what the job's clock calls 0: samples on the source's clock
  std::int64_t end = SoundTrim::kWhole;  // samples; nothing is needed from here on, so no silence either
};

// Silence stands where the source has no sound: before its first sample, and in gaps. What lies before 0, and
// what lies where sound is already, is cut. Timestamps less than 15 ms beside their place are jitter and
// rounding, but as soon as they part further the sound is moved: lips and voices stay within 20 ms.
class SoundClock final : public Sink<FramePtr> {
 public:
  // A stop request ends long silence with `cancelled`.
  SoundClock(const SoundTiming& timing, std::stop_token stop, Sink<FramePtr>& out);

  // Frames of one kind, with pts on the source's clock; those that go out count from 0.
  Status push(FramePtr frame) override;
  Status finish() override { return out_.finish(); }

  bool came_to_end() const { return passed_ >= timing_.end; }  // what comes from here on is left out

 private:
  std::int64_t place_of(const AVFrame& frame);
  Status add_silence(const AVFrame& like, std::int64_t until);
  Status pass_on(FramePtr frame);

  const SoundTiming timing_;
  const std::stop_token stop_;
  Sink<FramePtr>& out_;
  std::optional<std::int64_t> expected_;  // where the next frame belongs by those before
  std::int64_t jumped_ = 0;               // what jumps in the timestamps added up to
  std::int64_t passed_ = 0;               // samples that went out
};

}  // namespace millrace::engine
