// Whether a coded picture opens a segment: a decoder can begin with it and shows nothing from before it.
// Pure.
#pragma once

#include <string_view>

struct AVCodecParameters;

namespace millrace::engine {

// Whether a sample as MP4 stores it (NAL units after their lengths) holds an IDR picture. Codecs other than
// H.264 and HEVC: `key`.
bool opens_with_idr(const AVCodecParameters& parameters, std::string_view sample, bool key);

}  // namespace millrace::engine
