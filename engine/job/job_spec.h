// JobSpec: what a client asks for, in full, as plain data. Made by job_spec_json, checked by validate().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/rational.h"
#include "engine/base/status.h"

namespace millrace::engine {

// theora exists in ogg files alone, and cannot be asked for otherwise.
enum class VideoCodec { h264, hevc, av1, vp9, theora };
enum class AudioCodec { aac, mp3, opus, vorbis, flac, pcm };
enum class Container { mp4, mkv, webm, ogg, mov, ts };
enum class AudioContainer { m4a, mp3, ogg, opus, flac, wav };
enum class StillFormat { jpg, png, webp };
enum class Package { hls, dash };

std::string_view name_of(VideoCodec codec);
std::string_view name_of(AudioCodec codec);
std::string_view name_of(AudioContainer container);
std::string_view name_of(StillFormat format);
std::string_view name_of(Container container);
std::string_view name_of(Package package);

// One quality that was asked for. The shorter side of the picture counts as its height, so portrait works.
struct Rung {
  int height = 0;                    // lines; even
  std::int64_t bits_per_second = 0;  // average
  Rational max_frame_rate;           // not known: as the source
  std::optional<VideoCodec> codec;   // none: the output's
  // Constant quality instead of an average: the encoder's rate factor, smaller is better. With a
  // max_bits_per_second: capped quality. With bits_per_second: max_bits_per_second is the peak.
  std::optional<double> quality;
  std::int64_t max_bits_per_second = 0;  // 0: 1.5 x the average; no cap on constant quality
};

struct AudioSettings {
  std::int64_t bits_per_second = 128'000;  // of two channels; a surround track gets three times that
  bool surround = false;                   // adaptive: a second track keeps 5.1; file: the track keeps 5.1
  bool normalise_loudness = false;         // EBU R128: -23 LUFS integrated, -1 dBTP
  std::vector<std::string> languages;      // ISO 639 codes, in this order; empty: all (adaptive), the default (file)
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
  bool copy_video = false;  // "codec": "copy": the source's own coded pictures, where the container can hold them
  bool copy_audio = false;
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
  int width = 0;           // with height: exact size, the picture fitted into it on black; one alone: the other
  int height = 0;          // follows the picture's shape; neither: the picture's own size
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

// Where stages may run. "auto" takes what the machine has.
struct DevicePreference {
  enum class Kind { automatic, cpu, cuda, vaapi };
  Kind kind = Kind::automatic;
  std::string which;  // "0" of cuda:0, "/dev/dri/renderD128" of vaapi:PATH; empty: any
};
std::string to_string(const DevicePreference& device);

// A length on the picture: pixels of the source as it is shown (square pixels, upright), or a share of its side.
struct Length {
  double value = 0;
  bool percent = false;
};

// A picture laid over every picture of the job, at each rendition's own resolution.
struct Overlay {
  enum class Anchor { top_left, top, top_right, left, centre, right, bottom_left, bottom, bottom_right };
  std::string url;  // as an input's
  Anchor anchor = Anchor::top_left;
  Length x, y;  // from the anchor inwards; with `centre` (or along a middle axis) to the right and downwards
  std::optional<Length> width, height;  // one alone: the other follows the image's shape; none: the image's own
  double opacity = 1;
  double from = 0;  // seconds of the output
  double to = 0;    // 0: to the end
};

// The part of the source that is used; accurate to the frame.
struct Trim {
  double from = 0;  // seconds from the first picture
  double to = 0;    // 0: to the end
};

struct SubtitleFile {
  std::string url;  // SRT, WebVTT or ASS, UTF-8
  std::string language;
  std::string label;  // as players show it; empty: the language
};

// What becomes of damage in the source: the job is refused with its place, or what decodes is used.
enum class OnDamage { refuse, accept };
std::string_view name_of(OnDamage choice);

struct JobSpec {
  std::string input_url;  // file:///a/b.mov, or a path for the command line
  std::vector<Output> outputs;
  int priority = 50;  // 0..100, larger first
  std::map<std::string, std::string> tags;
  DevicePreference device;
  std::optional<int> cores;  // none: as many as the machine gives
  OnDamage on_damage = OnDamage::refuse;
  Trim trim;
  std::vector<Overlay> overlays;        // the last one is on top
  std::vector<SubtitleFile> subtitles;  // beside the source's own
};

// What can be said of a spec without looking at its source: names, ranges, duplicates, combinations that are
// not built. The first mistake, with its field ("outputs[1].name") and the allowed values.
Status validate(const JobSpec& spec);

}  // namespace millrace::engine
