// SoundFeed reads one planned sound of a source: decoded, on the job's clock, mixed and resampled as the plan
// has it, at the wanted loudness, trimmed. One thread; every step reads at most one packet.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/loudness.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/sink.h"
#include "engine/pipeline/sound_trim.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

struct SoundFeedSettings {
  const Plan& plan;           // outlives the feed
  const PlannedSound& sound;  // need not be in the plan
  DamageLog& damage;          // DamageLog(plan.accept_damage); outlives the feed
  // The sound alone: without a trim it runs from the track's own first sample to its last, wherever the
  // picture begins and ends. Else it runs from the job's 0 to the end of the picture or the trim.
  bool whole = false;
};

class SoundFeed {
 public:
  // Frames go to `out`: planar float of the planned rate and layout (mono, stereo, 5.1), any length, pts
  // counting samples from 0 without a gap. invalid_argument when the source has no such track; else as
  // open_track().
  static Result<std::unique_ptr<SoundFeed>> open(const SoundFeedSettings& settings, Sink<FramePtr>& out,
                                                 std::stop_token stop);
  virtual ~SoundFeed() = default;

  // Reads on. False: that was the end, and `out` has finished. Where loudness is asked for, all of the track
  // is read once before anything goes out.
  virtual Result<bool> step() = 0;

  virtual std::int64_t samples() const = 0;  // that went out
  // It was ended, after samples(), where the picture or the trim ends: the source's sound may go on.
  virtual bool is_cut() const = 0;
  virtual double seconds_read() const = 0;  // for progress: grows to the sound's length, measuring included
};

}  // namespace millrace::engine
