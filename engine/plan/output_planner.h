// Which renditions and sounds the outputs of a job need, each encoded once whoever uses it. Pure.
#pragma once

#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/job/ladder.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

struct PlannedOutputs {
  std::vector<PlannedRendition> renditions;  // largest first; encoder threads are not shared out yet
  std::vector<PlannedSound> sounds;
  std::vector<PlannedOutput> outputs;  // in the spec's order
  std::vector<Decision> packaging;     // one per output
};

// `picture` is the main video after normalisation. A file takes the segments of an adaptive rendition that
// fits what was asked for; only where none does it gets its own, in ".parts/NAME" (sound:
// ".parts/NAME.audio", a name that no output can have). invalid_argument, with the field, for a rung or a
// file above the picture.
Result<PlannedOutputs> plan_outputs(const JobSpec& spec, const Source& source, PictureSize picture);

}  // namespace millrace::engine
