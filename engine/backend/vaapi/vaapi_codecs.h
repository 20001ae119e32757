// The VAAPI encoders of libavcodec: which there are, and how each is told what VideoEncoderSettings say. Pure
// but for what FFmpeg has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/backend/software/encoder_dialect.h"
#include "engine/backend/vaapi/vaapi_device.h"

namespace millrace::engine {

// The codecs that this FFmpeg has VAAPI encoders for and that are written here: h264, hevc, av1.
std::vector<VideoCodec> vaapi_encoders_here();

// The speed of a driver with so many (VaEncoding::quality_levels) for one of x264's presets; 0: its own.
int va_quality_level(std::string_view preset, int levels);

// How a driver that knows these VA_RC_* keeps to bitrate or quality, as libavcodec calls it: "VBR", "CBR",
// "AVBR", "ICQ", "QVBR" (a quality with a cap), "CQP". unsupported where it knows none that does.
Result<std::string> va_rate_mode(const VideoEncoderSettings& settings, unsigned rate_modes);

// `encoding`: what the device `name` tells of that codec.
EncoderDialect vaapi_dialect(VideoCodec codec, const VaEncoding& encoding, const std::string& name);

}  // namespace millrace::engine
