// Source: what a media source is, as read from its container and first frames. Plain data a test can write by
// hand.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/rational.h"
#include "engine/base/status.h"
#include "engine/plan/hdr_metadata.h"

namespace millrace::engine {

// Names of colours, formats and codecs are FFmpeg's ("bt709", "yuv420p", "h264"); "unknown" when the source
// is silent.
struct VideoTrack {
  int index = -1;  // of the stream in the container
  std::string codec;
  std::string profile;
  int width = 0;  // coded picture, before rotation and aspect
  int height = 0;
  Rational sample_aspect{1, 1};
  int rotation_degrees = 0;  // clockwise turn that shows the picture upright: 0, 90, 180, 270
  bool mirrored = false;     // flipped left to right after the turn
  std::string pixel_format;
  int bits_per_component = 8;
  std::string color_range = "unknown";
  std::string color_matrix = "unknown";
  std::string color_primaries = "unknown";
  std::string color_transfer = "unknown";
  bool interlaced = false;  // by flag or by its first frames
  bool top_field_first = true;
  Rational frame_rate;  // average; not known for streams without timestamps
  bool variable_frame_rate = false;
  Rational time_base{1, 90'000};
  std::int64_t first_pts = 0;    // in time_base
  double duration_seconds = 0;   // 0: not known
  std::int64_t frame_count = 0;  // as the container says; 0: not known
  std::int64_t bits_per_second = 0;
  std::string language;
  bool is_default = false;
  bool attached_picture = false;
  bool has_alpha = false;
  std::string dolby_vision;      // "8.4": profile and compatibility; empty: none
  HdrMetadata hdr;               // of HDR10
  bool closed_captions = false;  // CEA-608 in its pictures
  // What its frames show against their marks ("its frames are marked progressive, but show two fields");
  // empty: the marks hold.
  std::string scan_note;
};

struct AudioTrack {
  // The file that holds it; empty: the source itself. Of another file (a slide show's sound) its beginning is
  // the picture's, and it is cut or filled up with silence to the picture's end.
  std::string url;
  std::int64_t size_bytes = 0;  // of that file; 0: not known
  // Of another file whose times are the picture's (a playlist beside the picture's): neither moved nor cut.
  bool same_clock = false;
  int index = -1;
  std::string codec;
  int channels = 0;
  std::string channel_layout;
  int sample_rate = 0;
  Rational time_base{1, 90'000};
  std::int64_t first_pts = 0;
  double start_seconds = 0;  // against the video's first frame
  double duration_seconds = 0;
  std::int64_t bits_per_second = 0;
  std::string language;
  bool is_default = false;
};

struct OtherTrack {
  int index = -1;
  std::string kind;  // "subtitle", "data", "attachment"
  std::string codec;
  std::string language;
  std::string title;
  bool is_default = false;
  bool forced = false;
};

struct Source {
  std::string url;
  std::string container;  // FFmpeg's demuxer name: "mov,mp4,m4a,3gp,3g2,mj2"
  std::int64_t size_bytes = 0;
  double duration_seconds = 0;
  // The lengths here are a mere promise (of a header, a playlist): media may go on behind them. Nothing is
  // cut or refused by them. False: an index, or reading to the end, bears them out.
  bool length_promised = false;
  bool can_seek = false;
  std::vector<VideoTrack> video;
  std::vector<AudioTrack> audio;
  std::vector<OtherTrack> other;
  // What is wrong with it, in sentences; only where damage was to be accepted.
  std::vector<std::string> damage;
  // What every task mends alike, so that it is no damage: "timestamps jump by -10.000 s at 5.000 s; the gap
  // is closed".
  std::vector<std::string> repairs;

  // The tracks that are transcoded: the container's default, else the first real one. -1: none of that kind.
  int chosen_video = -1;  // index into `video`
  int chosen_audio = -1;  // index into `audio`

  const VideoTrack* main_video() const;
  const AudioTrack* main_audio() const;
};

nlohmann::ordered_json to_json(const Source& source);
Result<Source> source_from_json(const nlohmann::ordered_json& json);

// For people: a few lines.
std::string describe(const Source& source);

}  // namespace millrace::engine
