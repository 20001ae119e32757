// A clip that ffmpeg draws: a moving test picture at 25 frames a second, with a tone, as H.264 and AAC in
// MP4.
#pragma once

#include <filesystem>
#include <string>

#include "bench/stop_flag.h"
#include "engine/base/status.h"

namespace millrace::bench {

// `size`: "640x360". The log of ffmpeg goes into the file's folder. io_error with its last words.
engine::Status draw_clip(const std::string& ffmpeg, const std::string& size, double seconds,
                         const std::filesystem::path& file, const StopFlag& stop);

}  // namespace millrace::bench
