// What a player gets from finished CMAF files: init.mp4 and segments joined, demuxed and decoded by FFmpeg.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace millrace::test {

struct PlayedFrame {
  double seconds = 0;  // as presented
  int number = 0;      // of the picture (media_sample.h)
  int width = 0;
  int height = 0;
};

struct PlayedPacket {
  std::int64_t pts = 0;  // ticks of the track, edit list applied
  std::int64_t dts = 0;
  std::int64_t duration = 0;
  bool key = false;
};

struct PlayedTrack {
  std::vector<PlayedPacket> packets;
  std::vector<PlayedFrame> frames;  // pictures
  std::vector<float> samples;       // sound: the first channel
  double first_sample_seconds = 0;  // sound
  int sample_rate = 0;
  int channels = 0;
};

// The folder's init.mp4 and its NNNNN.m4s in order. Failures throw std::runtime_error.
PlayedTrack play(const std::filesystem::path& track_folder);

}  // namespace millrace::test
