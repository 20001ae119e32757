// Stills as image files, and the check that such a file is whole. Plain functions; safe from any thread on
// frames of one's own.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/pipeline/av.h"

namespace millrace::engine {

// The bytes of an image file, after they were decoded again and found whole. `picture` as still_shape() makes
// it. unsupported when this FFmpeg lacks the encoder; internal when what was made does not decode.
Result<std::string> encode_still(const AVFrame& picture, StillFormat format);

// internal when the bytes are no whole image of this size.
Status check_still(std::string_view bytes, StillFormat format, int width, int height);

}  // namespace millrace::engine
