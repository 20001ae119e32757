// How a normalised picture becomes a still: its size, its padding and its colours, as libavfilter text. Pure.
#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace millrace::engine {

// SDR pictures with known colours, square pixels and even sides in; pictures as encode_still() takes them
// out: JPEG and WebP in BT.601, 4:2:0 (a JPEG with an odd side 4:4:4), PNG in RGB.
std::string still_shape(const PlannedStills& stills);

}  // namespace millrace::engine
