// The tracks of a plan: what is encoded once, whoever uses it, and what lies over the pictures. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/rational.h"
#include "engine/job/job_spec.h"

namespace millrace::engine {

// One rendition that is encoded once, whoever uses it. Its segments lie in `folder` of the job's output
// folder.
struct PlannedRendition {
  std::string name;    // "720p"; unique in the plan together with `folder`
  std::string folder;  // "abr/720p", or ".parts/web" when only a file needs it
  int width = 0;
  int height = 0;
  std::int64_t bits_per_second = 0;
  Rational frame_rate;      // what comes out; not known: as the source
  Rational max_frame_rate;  // frames above it are dropped evenly; not known: none are
  VideoCodec codec = VideoCodec::h264;
  std::string preset;
  int encoder_threads = 1;
  // Constant quality instead of bits_per_second, which is then an estimate.
  std::optional<double> quality = std::nullopt;
  std::int64_t max_bits_per_second = 0;
  std::int64_t gop_ticks = 0;  // an IDR at least this often; 0: one a segment
  bool ten_bit = false;        // yuv420p10le, in the source's HDR
  int burn = -1;               // stream of the container whose subtitles lie over it; -1: none
  std::string encode_device = "cpu";
  // Of a task: the job was planned to encode it on a device and has stepped down since. Segments of other
  // headers may lie beside those that it makes.
  bool stepped_down = false;

  // Whether it may have more than one init segment.
  bool may_change_headers() const { return stepped_down || encode_device != "cpu"; }
};

// A picture over every rendition. Lengths are shares (0 to 1) of the normalised picture's sides.
struct PlannedOverlay {
  std::string url;
  Overlay::Anchor anchor = Overlay::Anchor::top_left;
  double x = 0;      // of the picture's width
  double y = 0;      // of its height
  double width = 0;  // 0: follows from height; both 0: the image's own pixels on the normalised picture
  double height = 0;
  double opacity = 1;
  std::int64_t from = 0;    // ticks on the job's clock
  std::int64_t to = 0;      // 0: to the end
  std::string sha256 = {};  // of the image file when it was planned; empty: not looked at
};

// One sound track, encoded once. Segments are cut where the video's grid is, at whole coded frames.
struct PlannedSound {
  std::string name;      // "audio"
  std::string folder;    // "abr/audio"
  int source_track = 0;  // index into Source::audio
  int channels = 2;
  int sample_rate = 48'000;
  std::int64_t bits_per_second = 128'000;
  std::string language;
  AudioCodec codec = AudioCodec::aac;  // segments hold aac or opus
  bool normalise_loudness = false;
  bool is_default = true;  // of its output's sounds
};

// A text track as WebVTT: FOLDER/subtitles.vtt, one file for the whole job.
struct PlannedSubtitle {
  std::string name;        // "English"; unique in its output
  std::string folder;      // "abr/subtitles-eng"
  int source_stream = -1;  // of the container; -1: `url`
  std::string url;         // an external file
  std::string language;
  bool is_default = false;
  bool forced = false;
  std::string sha256 = {};  // of the external file when it was planned; empty: not looked at
};

}  // namespace millrace::engine
