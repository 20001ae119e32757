// HDR10's mastering display and light level as coded pictures carry them: SEI messages of HEVC, metadata OBUs
// of AV1. For encoders that do not write them themselves. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/plan/hdr_metadata.h"

namespace millrace::engine {

// A key frame's sample as MP4 stores it, with what `hdr` says before the first slice: the same bytes where it
// says nothing. invalid_argument for texts that are none, internal for a sample without a slice.
Result<std::string> hevc_with_hdr(std::string_view sample, const HdrMetadata& hdr);

// The same for a temporal unit, before its first frame. internal for one without a frame.
Result<std::string> av1_with_hdr(std::string_view temporal_unit, const HdrMetadata& hdr);

}  // namespace millrace::engine
