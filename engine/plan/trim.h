// The part of the source that a job uses, on whole frames. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// Ticks after the source's first picture (or first sound), as in Plan.
struct PlannedTrim {
  std::int64_t from = 0;
  std::int64_t to = 0;  // 0: to the end
  std::vector<Decision> decisions;
};

// At a constant rate the part is the frames that begin in [from, to): both ends are moved up to where a frame
// begins. At a variable rate, and for sound, they stay as they are. An end past the source's is the source's.
// invalid_argument at "trim.from" or "trim.to" for a part that holds no frame.
Result<PlannedTrim> plan_trim(const Trim& asked, const Source& source);

}  // namespace millrace::engine
