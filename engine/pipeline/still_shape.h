// How a normalised picture becomes a still: its size, its padding and its colours, as libavfilter text. Pure.
#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace millrace::engine {

// SDR pictures with known colours, square pixels and even sides in; pictures as encode_still() takes them
// out: JPEG has BT.601 in full range (JFIF 1.02), with 4:2:0 where both sides are even, else 4:4:4; PNG and
// WebP RGB.
std::string still_shape(const PlannedStills& stills);

}  // namespace millrace::engine
