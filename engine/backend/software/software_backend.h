// The software backend: libavcodec's decoders and encoders and zimg scaling, all on CPU cores.
#pragma once

#include <memory>

#include "engine/backend/backend.h"

namespace millrace::engine {

std::unique_ptr<Backend> make_software_backend();

}  // namespace millrace::engine
