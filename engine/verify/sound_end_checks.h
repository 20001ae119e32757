// Whether sound was cut short: the figures that workers booked, against each other. Pure functions.
#pragma once

#include <vector>

#include "engine/package/publish.h"
#include "engine/plan/plan.h"
#include "engine/verify/receipt.h"

namespace millrace::engine {

// "end of sound", for each sound of the plan and each file with sound that was made in one go: it ends with
// the source's own, or no earlier than the pictures (without them: the trim), within half a second or two
// pictures, which is what reading a source allows its container too. Of records that do not say where they
// were cut, as older ones, nothing is doubted.
std::vector<Check> sound_end_checks(const Plan& plan, const Segments& segments);

}  // namespace millrace::engine
