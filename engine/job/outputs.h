// The outputs that a job can ask for, each as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/rational.h"
#include "engine/job/formats.h"

namespace millrace::engine {

// One quality that was asked for. The shorter side of the picture counts as its height, so portrait works.
struct Rung {
  int height = 0;                    // lines; even
  std::int64_t bits_per_second = 0;  // average
  Rational max_frame_rate;           // not known: as the source
  std::optional<VideoCodec> codec;   // none: the output's
  // Constant quality instead of an average: the encoder's rate factor, smaller is better. With a
  // max_bits_per_second: capped quality. With bits_per_second: max_bits_per_second is the peak.
  std::optional<double> quality = std::nullopt;
  std::int64_t max_bits_per_second = 0;  // 0: 1.5 x the average; no cap on constant quality
};

struct AudioSettings {
  std::int64_t bits_per_second = 128'000;  // of two channels; a surround track gets three times that
  bool surround = false;                   // adaptive: a second track keeps 5.1; file: the track keeps 5.1
  bool normalise_loudness = false;         // EBU R128: -23 LUFS integrated, -1 dBTP
  std::vector<std::string>
      languages;  // ISO 639 codes, in this order; empty: all (adaptive), the default (file)
};

// A subtitle track of the source that is laid over the pictures for good.
struct Burn {
  int stream = -1;       // of the container; -1: the track of `language`
  std::string language;  // ISO 639
};

// HLS and DASH over one set of CMAF segments, in a folder of the output's name.
struct AdaptiveOutput {
  std::string name;
  std::vector<Rung> ladder;  // empty: "auto"
  std::vector<Package> packages = {Package::hls, Package::dash};
  double segment_seconds = 4;
  VideoCodec codec = VideoCodec::h264;
  std::string preset = "veryfast";  // x264's names; other encoders take the speed nearest to it
  AudioSettings audio;
  double gop_seconds = 0;  // 0: one GOP a segment; else the segment is a whole multiple of it
  bool keep_hdr = false;   // 10-bit HEVC, AV1 or VP9 in the source's HDR; false: SDR
  bool subtitles = true;   // text tracks as WebVTT
  std::optional<Burn> burn = std::nullopt;
};

// One file, NAME.CONTAINER.
struct FileOutput {
  std::string name;
  Container container = Container::mp4;
  VideoCodec codec = VideoCodec::h264;
  std::string preset = "veryfast";
  std::optional<int> height;                    // none: the source's, at most 1080
  std::optional<std::int64_t> bits_per_second;  // none: the auto ladder's for this height
  Rational max_frame_rate;
  AudioSettings audio;
  std::optional<double> quality;  // as in Rung
  std::int64_t max_bits_per_second = 0;
  double gop_seconds = 0;
  bool keep_hdr = false;
  bool copy_video =
      false;  // "codec": "copy": the source's own coded pictures, where the container can hold them
  bool copy_audio = false;
  std::optional<Burn> burn = std::nullopt;
};

// The sound alone, NAME.CONTAINER.
struct AudioOutput {
  std::string name;
  AudioContainer container = AudioContainer::m4a;
  AudioSettings audio;  // flac and wav: no bits per second
  bool copy = false;    // the source's own coded sound, where the container can hold it
};

// Stills, NAME/0001.jpg ..., in the order of their times.
struct ThumbnailsOutput {
  std::string name;
  std::vector<double> at;  // seconds; or
  double every = 0;        // seconds between stills, the first at 0
  int width = 0;   // with height: exact size, the picture fitted into it on black; one alone: the other
  int height = 0;  // follows the picture's shape; neither: the picture's own size
  StillFormat format = StillFormat::jpg;
};

// One sheet of small pictures, NAME.jpg, and NAME.vtt that says which part shows which time.
struct SpritesOutput {
  std::string name;
  double every = 5;
  int width = 160;  // of one picture
  int columns = 10;
  StillFormat format = StillFormat::jpg;
};

using Output = std::variant<AdaptiveOutput, FileOutput, AudioOutput, ThumbnailsOutput, SpritesOutput>;
const std::string& name_of(const Output& output);

}  // namespace millrace::engine
