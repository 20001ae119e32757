// Which tracks the outputs of a job need, each encoded once whoever uses it, and what is made without
// segments. Pure.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/plan/rendition_planner.h"

namespace millrace::engine {

struct PlannedOutputs {
  std::vector<PlannedRendition> renditions;  // largest first; encoder threads are not shared out yet
  std::vector<PlannedSound> sounds;
  std::vector<PlannedSubtitle> subtitles;
  std::vector<PlannedOutput> outputs;  // in the spec's order
  std::vector<Decision> packaging;     // one per output, and what it has to do without
};

struct OutputsToPlan {
  const JobSpec& spec;
  const Source& source;
  std::optional<NormalisedVideo> video;  // none: the source has no picture
  SegmentClock clock;
  double seconds = 0;  // of the job's media; 0: not known
};

// A file takes the segments of an adaptive rendition (or sound) that fits what was asked for; only where none
// does it gets its own, in ".parts/NAME" (sound: ".parts/NAME.audio", a name that no output can have). Ogg
// files, copies, files of sound alone and stills take no segments. Refusals carry the field: a rung, a file
// or a time that the source does not reach, a codec that a container cannot hold, an output that needs a
// picture or sound where there is none.
Result<PlannedOutputs> plan_outputs(const OutputsToPlan& asked);

}  // namespace millrace::engine
