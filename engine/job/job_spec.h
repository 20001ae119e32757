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

enum class VideoCodec { h264, hevc, av1, vp9 };
enum class Container { mp4, mkv, webm, ogg, mov, ts };
enum class Package { hls, dash };

std::string_view name_of(VideoCodec codec);
std::string_view name_of(Container container);
std::string_view name_of(Package package);

// One quality that was asked for. The shorter side of the picture counts as its height, so portrait works.
struct Rung {
  int height = 0;                    // lines; even
  std::int64_t bits_per_second = 0;  // average
  Rational max_frame_rate;           // not known: as the source
  std::optional<VideoCodec> codec;   // none: the output's
};

struct AudioSettings {
  std::int64_t bits_per_second = 128'000;  // AAC-LC
};

// HLS and DASH over one set of CMAF segments, in a folder of the output's name.
struct AdaptiveOutput {
  std::string name;
  std::vector<Rung> ladder;  // empty: "auto"
  std::vector<Package> packages = {Package::hls, Package::dash};
  double segment_seconds = 4;
  VideoCodec codec = VideoCodec::h264;
  std::string preset = "veryfast";  // x264's names
  AudioSettings audio;
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
};

using Output = std::variant<AdaptiveOutput, FileOutput>;
const std::string& name_of(const Output& output);

// Where stages may run. "auto" takes what the machine has.
struct DevicePreference {
  enum class Kind { automatic, cpu, cuda, vaapi };
  Kind kind = Kind::automatic;
  std::string which;  // "0" of cuda:0, "/dev/dri/renderD128" of vaapi:PATH; empty: any
};
std::string to_string(const DevicePreference& device);

struct JobSpec {
  std::string input_url;  // file:///a/b.mov, or a path for the command line
  std::vector<Output> outputs;
  int priority = 50;  // 0..100, larger first
  std::map<std::string, std::string> tags;
  DevicePreference device;
  std::optional<int> cores;  // none: as many as the machine gives
};

// What can be said of a spec without looking at its source: names, ranges, duplicates, combinations that are
// not built. The first mistake, with its field ("outputs[1].name") and the allowed values.
Status validate(const JobSpec& spec);

}  // namespace millrace::engine
