// Parameter sets of H.264 and HEVC (SPS, PPS; HEVC's VPS): out of an init segment, and into the coded frames
// themselves, where one track has those of several encoders. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

struct AVCodecParameters;

namespace millrace::engine {

// The NAL units of the configuration box (avcC, hvcC) in its order; they lie in the parameters' extradata.
// None of other codecs: AV1 and VP9 say with each key frame what it is. internal for a damaged box.
Result<std::vector<std::string_view>> parameter_sets(const AVCodecParameters& parameters);

// The same as samples have them: each with its length before it, in as many bytes as the box says. Before a
// key frame's sample they make it decode whatever was decoded before.
Result<std::string> stored_parameter_sets(const AVCodecParameters& parameters);

// Whether a sample brings a sequence parameter set with it. False for other codecs, and for damage.
bool holds_parameter_sets(const AVCodecParameters& parameters, std::string_view sample);

// A sample's NAL units behind start codes (Annex B). Empty for damage.
std::string annexb_of(const AVCodecParameters& parameters, std::string_view sample);

// hvcC for a track whose samples hold parameter sets too (hev1): no array is complete (ISO/IEC 14496-15
// §8.3.3.1). Other codecs' boxes as they are.
std::string open_configuration(const AVCodecParameters& parameters);

}  // namespace millrace::engine
