// What is left of a plan when some of its outputs are left out. Pure.
#pragma once

#include <set>
#include <string>

#include "engine/plan/plan.h"

namespace millrace::engine {

// Some output that is not left out (by its name) is this track (by its path) or uses it (by its folder).
bool is_wanted(const Plan& plan, const std::string& track, const std::set<std::string>& left_out);

// The plan without those outputs and the tracks that only they use. What is left is as it was, so that
// segments of either plan join.
Plan without_outputs(Plan plan, const std::set<std::string>& left_out);

}  // namespace millrace::engine
