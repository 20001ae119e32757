// The frame rate that timestamps tell, and whether it is constant. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/rational.h"

namespace millrace::engine {

struct FrameRateGuess {
  Rational rate;  // average; not known with fewer than two timestamps and nothing declared
  bool variable = false;
};

// `pts`: presentation times of consecutive frames, any order, in units of `time_base`. `declared`: the
// container's average, may be not known; taken where it agrees with the timestamps or these are too few.
// Constant means: every timestamp lies within a rounding of its exact place.
FrameRateGuess guess_frame_rate(std::vector<std::int64_t> pts, const Rational& time_base,
                                const Rational& declared);

}  // namespace millrace::engine
