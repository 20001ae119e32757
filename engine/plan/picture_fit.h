// What is done to pictures whose shape changes on the way (a stream that was joined of two, a call that
// adapts to its network): they become what the plan makes of the shape that it knows. Pure.
#pragma once

#include <string>

#include "engine/plan/source.h"

namespace millrace::engine {

// Pictures of `now` are what the plan's own steps were made for: size, pixel format, shape of pixels and
// colours are those of `planned`, or `now` does not say them.
bool is_same_shape(const VideoTrack& planned, const VideoTrack& now);

// libavfilter text that makes of pictures of `now` what normalise(planned, keep_hdr) makes of those of
// `planned`, in size, pixel format and colours: upright and deinterlaced where they are marked, fitted into
// the middle without distortion, on black. Empty where one of the two has no size.
std::string fitting_filter(const VideoTrack& planned, const VideoTrack& now, bool keep_hdr);

}  // namespace millrace::engine
