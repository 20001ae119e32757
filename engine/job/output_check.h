// What can be said of one output, or of what goes over it, without the source. Pure; for validate().
#pragma once

#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/outputs.h"
#include "engine/job/overlay.h"

namespace millrace::engine {

// The first mistake in an output: `field` is where it stands ("outputs[1]"), `segment_seconds` the job's
// segments, which GOPs must divide. Names are not looked at here.
Status check_output(const std::string& field, const Output& output, double segment_seconds);

// The first mistake in the overlays, and whether an output takes them.
Status check_overlays(const std::vector<Overlay>& overlays, const std::vector<Output>& outputs);

}  // namespace millrace::engine
