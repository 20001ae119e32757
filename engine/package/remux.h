// Remux: whole tracks of CMAF segments into one file, packet by packet, nothing decoded or encoded. Blocking;
// safe to call from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "engine/base/rational.h"
#include "engine/base/status.h"
#include "engine/job/formats.h"
#include "engine/package/file_muxer.h"

namespace millrace::engine {

struct JoinTrack {
  std::vector<std::filesystem::path> inits;     // at least one
  std::vector<std::filesystem::path> segments;  // in order
  std::vector<std::size_t> init_of;             // of each segment, into `inits`; empty: all have the first
  bool is_default = true;
  Rational frame_rate;   // pictures of a constant rate; else not known
  bool ten_bit = false;  // pictures are yuv420p10le, else yuv420p: VP9's init segment does not say it in full
};

// Writes `target` (not yet synced or renamed). A track whose segments have several headers brings them along
// with each key frame (MP4 and MOV: sample entries avc3, hev1). Tracks keep their times against each other:
// picture and sound stay in step, and what sound codecs add at the ends is marked where the container can.
// `on_time` hears now and then how many seconds are joined; its failure ends the work. What was written of
// each track.
Result<std::vector<WrittenTrack>> join_segments(const std::vector<JoinTrack>& tracks, Container container,
                                                const std::filesystem::path& target,
                                                const std::function<Status(double seconds)>& on_time);

}  // namespace millrace::engine
