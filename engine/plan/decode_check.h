// How much of a rendition's finished segments is decoded again before they count. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/plan/plan.h"

namespace millrace::engine {

// One of so many segments is decoded in full, of the others the key frames. A decode in full of all costs
// 15 % of what a ladder's codecs do at x264's veryfast (`millrace-bench overhead`), and says again what the
// CPU's encoders get right every time; devices, who asks for it, and a
// track of one segment have every segment looked at (1).
std::int64_t full_decode_every(const Plan& plan, const PlannedRendition& rendition);

// What that costs of a decode in full of all: key frames take 8 % of it (x264 veryfast, GOPs of two seconds).
double checked_share(const Plan& plan, const PlannedRendition& rendition);

// Of a plan whose encoders have their devices. None without renditions.
std::vector<Decision> decode_check_decision(const Plan& plan);

}  // namespace millrace::engine
