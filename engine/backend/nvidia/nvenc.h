// NVENC as libavcodec has it: which encoders there are, and how each is told what VideoEncoderSettings say.
// Pure but for what FFmpeg has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/backend/software/encoder_dialect.h"

namespace millrace::engine {

// The codecs that this FFmpeg has NVENC encoders for: h264, hevc, av1.
std::vector<VideoCodec> nvenc_encoders_here();

// NVENC's preset, "p1" (fastest) to "p7", for one of x264's.
std::string_view nvenc_preset(std::string_view preset);

// For pictures that lie on the device `name`. B frames are not asked for: a forced IDR then ends what came
// before it everywhere.
EncoderDialect nvenc_dialect(VideoCodec codec, const std::string& name);

}  // namespace millrace::engine
