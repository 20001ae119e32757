// The software backend: libavcodec decoders, zimg scaling, x264 and FFmpeg's AAC encoder, all on CPU cores.
#pragma once

#include <memory>

#include "engine/backend/backend.h"

namespace millrace::engine {

std::unique_ptr<Backend> make_software_backend();

}  // namespace millrace::engine
