// What a player gets from a whole media file: every track demuxed and decoded by FFmpeg.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/played_track.h"

namespace millrace::test {

struct PlayedStream {
  bool sound = false;
  std::string codec;  // FFmpeg's name
  std::string tag;    // the container's name of the codec: "hvc1"
  std::string language;
  std::string title;  // of the file, or of the track where the container keeps it there
  bool is_default = false;
  PlayedTrack track;
};

// In the order of the file. Failures throw std::runtime_error.
std::vector<PlayedStream> play_file(const std::filesystem::path& file);

// When the picture with this number is first shown; when the sound first gets loud at or after a time. -1:
// never.
double shown_at(const PlayedTrack& pictures, int number);
double loud_at(const PlayedTrack& sound, double after = -1e9);

}  // namespace millrace::test
