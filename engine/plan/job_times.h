// Where the job's clock lies in the source, and how long the job's media is. Pure; call from any thread.
#pragma once

#include <cstdint>

#include "engine/base/rational.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// The source timestamp, in units of `time_base` seconds, that the job's clock calls 0: the first picture (of
// a source without one: the first sound of its main track), and plan.trim_from after it. To the nearest unit.
std::int64_t origin_pts(const Plan& plan, const Rational& time_base);

// How long the job's media is, in seconds: the source's main track (its picture; without one its sound) after
// the trim. Of a source that does not say how long it is, or only promises it, the trim's own length; 0: not
// known.
double media_seconds(const Plan& plan);

// The same, a mere promise believed: for progress and estimates, which may be wrong, and for nothing that
// cuts or refuses.
double expected_seconds(const Plan& plan);

}  // namespace millrace::engine
