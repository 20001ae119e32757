// Plan: every decision of a job, with its reason, before anything runs. Plain data; travels to workers as
// JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
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
};

// One sound track, encoded once. Segments are cut where the video's grid is, at whole AAC frames.
struct PlannedSound {
  std::string name;      // "audio"
  std::string folder;    // "abr/audio"
  int source_track = 0;  // index into Source::audio
  int channels = 2;
  int sample_rate = 48'000;
  std::int64_t bits_per_second = 128'000;
  std::string language;
};

struct PlannedOutput {
  enum class Type { adaptive, file };
  std::string name;
  Type type = Type::adaptive;
  std::string path;                      // "abr" (a folder) or "web.mp4", below the job's output folder
  std::vector<Package> packages;         // adaptive
  Container container = Container::mp4;  // file
  std::vector<std::string> renditions;   // folders of the renditions it uses, largest first
  std::vector<std::string> sounds;       // folders of the sounds it uses
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
