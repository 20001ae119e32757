// A plan made more careful, rung by rung, after workers have died of it. Pure.
#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace millrace::engine {

// Takes the plan down so many rungs and says what the last of them changed; empty, and the plan as it was,
// when there are not so many. What the plan makes stays the same to the byte: encoders keep their threads,
// for segments of several tries are joined under one header.
std::string step_down(Plan& plan, int rungs);

}  // namespace millrace::engine
