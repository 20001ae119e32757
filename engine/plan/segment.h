// FinishedSegment: one segment that is whole on disk, as the ledger books it. Plain data.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// Times are in ticks of `timescale` per second on the job's clock (0 is the first video frame), as a player
// presents them.
struct FinishedSegment {
  std::string track;       // folder of the rendition or sound: "abr/720p"
  std::int64_t index = 0;  // on the segment grid, from 0
  std::string file;        // below the job's output folder: "abr/720p/00001.m4s" (index 0)
  std::int64_t timescale = 90'000;
  std::int64_t start = 0;  // of the first frame
  std::int64_t duration = 0;
  std::int64_t frames_in = 0;  // source frames (video) or samples (sound) that fell into it
  std::int64_t frames = 0;     // frames (video) or samples (sound) in the file
  std::int64_t last_pts = 0;   // of the last frame shown
  std::int64_t bytes = 0;
  std::string sha256;
  bool opens_with_idr = false;  // sound: always true
  // Where its sound was ended although the source's own may go on: a track's last segment, and a file made in
  // one go. -1: it ends with the source's, or that is not known.
  std::int64_t sound_cut_at = -1;
  bool key_frames_only = false;  // were decoded again, not every frame
  int headers = 0;               // which of the track's init segments it belongs to: init_file_name(headers)
};

// "00001.m4s" of index 0.
std::string segment_file_name(std::int64_t index);

// "init.mp4" of 0, "init-2.mp4" of 1: the headers of the encoder that wrote first into a track's folder, and
// of another one after a step down.
std::string init_file_name(int headers);
// That of a segment, below the job's output folder: "abr/720p/init.mp4".
std::string init_file_of(const FinishedSegment& segment);
// The numbers of the init segments that these segments belong to, each once, ascending.
std::vector<int> headers_of(const std::vector<FinishedSegment>& segments);

nlohmann::ordered_json to_json(const FinishedSegment& segment);
Result<FinishedSegment> segment_from_json(const nlohmann::ordered_json& json);

}  // namespace millrace::engine
