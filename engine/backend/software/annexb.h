// H.264 from start codes (Annex B, as x264 gives it) to what MP4 holds (ISO/IEC 14496-15). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// The NAL units between the start codes, without trailing zero bytes.
std::vector<std::string_view> nal_units_of(std::string_view annexb);

// Every NAL unit with its length in four bytes before it.
std::string length_prefixed(std::string_view annexb);

// The content of an avcC box from headers with one or more SPS and PPS. internal when there are none.
Result<std::string> avcc_of(std::string_view headers);

}  // namespace millrace::engine
