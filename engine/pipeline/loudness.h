// Loudness by EBU R128: measured in one pass over a sound, brought to its target in the next. Plain
// functions, and a sink that belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/pipeline/sink.h"

namespace millrace::engine {

// EBU R128 (2020): programme loudness, and the highest true peak.
constexpr double kTargetLufs = -23;
constexpr double kHighestTruePeakDb = -1;

struct Loudness {
  // Gated, of the whole sound (ITU-R BS.1770-4). -70: silence, or shorter than the 0.4 s that a measurement
  // takes.
  double integrated_lufs = -70;
  double true_peak_db = -144;  // dBTP
};

// The end of a pass that only measures: sound in, nothing out.
class LoudnessMeter final : public Sink<FramePtr> {
 public:
  // `sample_rate`: of the frames, whose pts count samples.
  explicit LoudnessMeter(int sample_rate);
  ~LoudnessMeter() override;

  Status push(FramePtr frame) override;
  Status finish() override;
  // After finish().
  Loudness loudness() const;

 private:
  class Reader;
  const int sample_rate_;
  std::int64_t samples_ = 0;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Sink<FramePtr>> meter_;
};

// libavfilter text, for sound of `sample_rate`, that brings sound so measured to the target: one gain for all
// of it, and a limiter only where the gain would lift a peak above the highest. It moves no sample in time.
// Empty where there is nothing to measure.
std::string loudness_chain(const Loudness& measured, int sample_rate);

}  // namespace millrace::engine
