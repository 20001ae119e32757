// Sources with a subtitle track that is made of pictures, for the tests of burning in: DVD and DVB as
// libavcodec codes them, PGS put together here (FFmpeg has no encoder for it).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/media_sample.h"

namespace millrace::test {

// A box of one colour on the canvas, on show from `start` to before `end` (milliseconds of the file's clock).
struct BoxCue {
  std::int64_t start = 0;
  std::int64_t end = 0;
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  std::uint32_t argb = 0xFFFFFFFF;
};

struct BoxTrack {
  std::string codec = "pgs";  // pgs, dvdsub, dvbsub
  int canvas_width = 96;
  int canvas_height = 64;
  std::vector<BoxCue> cues;
};

// The sample's picture with this track beside it; the container follows the name (mkv, ts).
void make_with_boxes(const std::filesystem::path& file, const SampleVideo& video, const BoxTrack& track);

}  // namespace millrace::test
