// Which sound tracks an output gets, and how each is coded. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/plan/source.h"

namespace millrace::engine {

struct SoundWishes {
  AudioSettings settings;
  AudioCodec codec = AudioCodec::aac;
  bool adaptive = false;  // all languages unless some are named, and surround beside stereo; else one track,
                          // the main one unless languages are named, and surround instead of stereo
  std::string
      folder;  // of the first sound; others get "-LANGUAGE" and "-surround" after it; empty: no folders
  std::string field;  // where the settings stand in the spec: "outputs[0].audio"
};

// The first one is the default. Sounds keep 44.1 kHz and its fractions and multiples as 44.1, everything else
// becomes 48 kHz; lossless codecs keep the source's own rate. Empty for a source without sound.
// invalid_argument at FIELD.languages for a language that the source has not.
Result<std::vector<PlannedSound>> plan_sounds(const Source& source, const SoundWishes& wishes);

// The same track of the source, coded the same way: whatever uses them can share one.
bool are_coded_alike(const PlannedSound& a, const PlannedSound& b);

// How a sound is made of its track, and why.
Decision sound_decision(const Source& source, const PlannedSound& sound, std::string stage);

// The source's tracks that are not among these (indices into Source::audio), each with the reason.
std::vector<Decision> unused_sounds(const Source& source, const std::set<int>& used);

}  // namespace millrace::engine
