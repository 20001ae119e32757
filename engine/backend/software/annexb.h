// H.264 and HEVC from start codes (Annex B, as x264 and x265 give them) to what MP4 holds (ISO/IEC 14496-15).
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::engine {

// The NAL units between the start codes, without trailing zero bytes.
std::vector<std::string_view> nal_units_of(std::string_view annexb);

// Every NAL unit with its length in four bytes before it.
std::string length_prefixed(std::string_view annexb);

// Likewise, without parameter sets and access unit delimiters: an encoder that repeats them at each IDR has
// given them ahead, too.
std::string h264_without_headers(std::string_view annexb);
std::string hevc_without_headers(std::string_view annexb);

}  // namespace millrace::engine
