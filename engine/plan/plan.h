// Plan: every decision of a job, with its reason, before anything runs. Plain data; travels to workers as
// JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/rational.h"
#include "engine/job/job_spec.h"
#include "engine/plan/segment_clock.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// One stage's choice: {"scale 720p", "cpu", "1280x720, bicubic", "no GPU: ..."}.
struct Decision {
  std::string stage;
  std::string device;
  std::string choice;
  std::string reason;
};

// One change that the source needs before the ladder; `filter` is libavfilter text.
struct Normalisation {
  std::string name;  // "pixel_format", "square_pixels", ...
  std::string filter;
  std::string reason;
};

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
  std::int64_t from = 0;  // ticks on the job's clock
  std::int64_t to = 0;    // 0: to the end
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
};

// Sizes and times of stills, decided.
struct PlannedStills {
  std::vector<double> at;  // seconds on the job's clock, ascending; or
  double every = 0;
  int width = 0;  // of one picture as written
  int height = 0;
  bool pad = false;  // the picture is fitted into that size on black
  int columns = 0;   // sprites
  StillFormat format = StillFormat::jpg;
  int threads = 1;  // places of the source that are decoded at once
};

// A file that is not joined from segments: coded in one go by one task.
struct PlannedFile {
  std::optional<PlannedRendition> picture;  // ogg's Theora; no folder
  std::optional<PlannedSound> sound;        // no folder
  bool copy_video = false;                  // the source's packets
  bool copy_audio = false;
};

struct PlannedOutput {
  enum class Type { adaptive, file, audio, thumbnails, sprites };
  std::string name;
  Type type = Type::adaptive;
  std::string path;  // "abr" or "stills" (folders), "web.mp4", "scrub.jpg": below the job's output folder
  std::vector<Package> packages;                         // adaptive
  Container container = Container::mp4;                  // file
  std::vector<std::string> renditions;                   // folders of the renditions it uses, largest first
  std::vector<std::string> sounds;                       // folders of the sounds it uses
  std::vector<std::string> subtitles;                    // folders of the subtitles it uses
  AudioContainer audio_container = AudioContainer::m4a;  // audio
  std::optional<PlannedFile> in_one_go;                  // file: not from segments; audio: always
  PlannedStills stills;                                  // thumbnails, sprites

  // True when one task of its own makes it from the source (run_output), and no segment is needed.
  bool is_made_alone() const { return type != Type::adaptive && renditions.empty() && sounds.empty(); }
};

struct Plan {
  Source source;
  SegmentClock clock;
  std::vector<Decision> decisions;
  std::vector<Normalisation> normalisations;
  int decoder_threads = 1;
  std::vector<PlannedRendition> renditions;  // largest first
  std::vector<PlannedSound> sounds;
  std::vector<PlannedOutput> outputs;
  std::vector<PlannedSubtitle> subtitles;
  std::vector<PlannedOverlay> overlays;
  std::int64_t trim_from = 0;  // ticks after the source's first picture: what the job's clock calls 0
  std::int64_t trim_to = 0;    // ticks after the source's first picture; 0: to the end
  bool accept_damage = false;
  std::int64_t estimated_segments = 0;  // 0: the source does not say how long it is
  std::int64_t estimated_bytes = 0;

  // The normalisations' filters as one libavfilter chain; empty: none is needed.
  std::string normalise_filter() const;
};

nlohmann::ordered_json to_json(const Plan& plan);
Result<Plan> plan_from_json(const nlohmann::ordered_json& json);

// The plan for people, as `millrace explain` prints it.
std::string describe(const Plan& plan);

}  // namespace millrace::engine
