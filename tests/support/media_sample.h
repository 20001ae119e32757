// Small media files made by libavcodec at test time. Every picture carries its number as eight bars (black 0,
// white 1), which survive coding and scaling, so that a test can say which frame it sees.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

struct AVFrame;

namespace millrace::test {

struct SampleVideo {
  std::string encoder = "libx264";
  int width = 96;
  int height = 64;
  int rate = 25;  // over rate_base
  int rate_base = 1;
  int frames = 50;
  int gop = 12;
  int b_frames = 2;
  std::string x264_params = "threads=1";  // more for libx264
  std::vector<std::int64_t> pts{};        // in 1/90000 s, one per frame; empty: constant rate
  bool interlaced = false;
  bool tagged_interlaced = false;  // by the container alone, where it can (mkv); top field first
  // Each picture holds two fields of a movement (top first), whatever its marks say, instead of its number.
  bool moving_fields = false;
  int rotation_degrees = 0;
  // Of a Dolby Vision configuration record (mp4, mkv) and its base picture's compatibility; 0: none.
  int dolby_vision_profile = 0;
  int dolby_vision_compatibility = 0;
  bool index_first = false;  // mp4: moov before mdat
  bool fragmented = false;   // mp4: a fragment for each group of pictures, and no index
};

struct SampleSound {
  std::string encoder = "aac";
  int sample_rate = 48'000;
  int channels = 2;
  double start_seconds = 0;
  double seconds = 2;
  // A 1 kHz tone; silent before this time, to see where sound lands.
  double silent_until = 0;
  std::vector<double> beeps{};  // seconds: the tone sounds for 0.1 s from each of them, and nowhere else
  std::string language{};
  std::string title{};  // of the file
};

// Writes the file; the container follows the name (mp4, mkv, flv, ts, avi, h264). Failures throw
// std::runtime_error.
void make_sample(const std::filesystem::path& file, const std::optional<SampleVideo>& video,
                 const std::optional<SampleSound>& sound = std::nullopt);

// Draws the number into a yuv420p picture; reads it from one of any size.
void draw_number(AVFrame& frame, int number);
int number_in(const AVFrame& frame);

// A bar that moves, at one moment in the even lines (the top field) and another in the odd ones.
void draw_fields(AVFrame& frame, int top, int bottom);

// MILLRACE_MEDIA/name; nothing where there are no real clips.
std::optional<std::filesystem::path> real_clip(const std::string& name);

}  // namespace millrace::test
