// data_status: what FFmpeg says of data that was given to it. Pure.
#pragma once

#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

// As av_status() for an error of a demuxer or a decoder. They say whatever is at hand of damaged data (EPERM,
// EIO, the end of the file), so what av_status() takes for internal, for a failed disk or for a lack of
// rights is corrupt_input here. Whether reading itself failed is for the caller to ask first.
Status data_status(int error, std::string_view what);

}  // namespace millrace::engine
