// Whether a coded picture opens a segment: a decoder can begin with it and shows nothing from before it.
// Pure.
#pragma once

#include <string_view>

struct AVCodecParameters;

namespace millrace::engine {

// Whether a sample as MP4 stores it begins with an IDR picture (H.264, HEVC) or a key frame that is shown
// (AV1, VP9). Other codecs: `key`.
bool opens_with_idr(const AVCodecParameters& parameters, std::string_view sample, bool key);

}  // namespace millrace::engine
