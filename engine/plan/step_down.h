// A plan made more careful, rung by rung, after workers have died of it. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/plan/plan.h"

namespace millrace::engine {

// Takes what the plan says of one task down so many rungs and says what the last of them changed; empty, and
// the plan as it was, when there are not so many. `output`: the number of the output that the task makes;
// none: it makes pictures. What the plan makes stays the same to the byte: encoders keep their threads,
// for segments of several tries are joined under one header.
std::string step_down(Plan& plan, std::optional<std::size_t> output, int rungs);

}  // namespace millrace::engine
