// Which subtitle track an output burns into its pictures. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/plan.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// The stream of the container that is burnt in, -1 where nothing was asked for. By language: the default
// track of that language, else its first one that is not forced, one made of pictures before text.
// invalid_argument at `field` with the tracks that there are, for one that is none of the source's;
// unsupported for one that cannot be read.
Result<int> plan_burn(const Source& source, const std::optional<Burn>& asked, const std::string& field);

// What explain shows of it; `name` is the output's.
Decision burn_decision(const Source& source, int stream, const std::string& name);

// The streams that the plan's pictures have burnt in, each once.
std::vector<int> burnt_streams(const Plan& plan);

}  // namespace millrace::engine
