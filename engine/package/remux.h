// Remux: whole tracks of CMAF segments into one MP4 file, packet by packet. Blocking; safe to call from any
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

struct RemuxTrack {
  std::filesystem::path init;
  std::vector<std::filesystem::path> segments;  // in order
};

// Writes `target` (not yet synced or renamed) with the movie box in front. Tracks keep their times against
// each other. The coded frames of each track, as written.
Result<std::vector<std::int64_t>> remux_mp4(const std::vector<RemuxTrack>& tracks,
                                            const std::filesystem::path& target);

// The coded frames of each track of a file, as libavformat's demuxer gives them; no frame is decoded.
Result<std::vector<std::int64_t>> count_frames(const std::filesystem::path& file);

}  // namespace millrace::engine
