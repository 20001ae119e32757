// The DASH manifest (ISO/IEC 23009-1, static) over CMAF segments, as text. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/package/adaptive_track.h"

namespace millrace::engine {

// One adaptation set for all pictures of a codec, one per sound and one per subtitle. Times in the manifest
// are presentation times: the edit list of each init segment has taken the shift off the media times already,
// so there is no presentationTimeOffset for it. One period, as a rule; where a rendition changes its headers
// another one begins, which continues the one before. Lies in the output's folder.
std::string dash_manifest(const AdaptiveSet& set, std::int64_t target_seconds);

}  // namespace millrace::engine
