// The film that calibration transcodes. Any thread.
#pragma once

#include <filesystem>
#include <stop_token>

#include "engine/base/status.h"

namespace millrace::engine {

// Writes a film of blots and grain that pass at several speeds, as a YUV4MPEG2 file: even sides, 25 frames a
// second. cancelled after a stop; io_error when it cannot be written.
Status write_film(const std::filesystem::path& path, int width, int height, int frames,
                  const std::stop_token& stop);

}  // namespace millrace::engine
