// Where overlays lie, as shares of the picture. Pure.
#pragma once

#include <span>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/job/ladder.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

struct PlannedOverlays {
  std::vector<PlannedOverlay> overlays;  // in the spec's order
  std::vector<Decision> decisions;
};

// `picture` is the normalised one, whose pixels the spec's lengths count; `seconds` is how long the job's
// media is, 0: not known. The images are not looked at: what depends on their shape is not checked here.
// invalid_argument, with the field, for one that lies wholly outside the picture, is shown only after the
// end, or would be more than 16384 pixels long.
Result<PlannedOverlays> plan_overlays(std::span<const Overlay> asked, PictureSize picture, double seconds);

}  // namespace millrace::engine
