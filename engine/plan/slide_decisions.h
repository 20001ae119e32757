// What explain says of a slide show. Pure.
#pragma once

#include <vector>

#include "engine/plan/plan.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// How its pictures are made, and how its sound is fitted to them; nothing for other sources.
std::vector<Decision> slide_decisions(const Source& source);

}  // namespace millrace::engine
