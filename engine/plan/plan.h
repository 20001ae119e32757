// Plan: every decision of a job, with its reason, before anything runs. Plain data; travels to workers as
// JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/plan/planned_output.h"
#include "engine/plan/planned_tracks.h"
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

struct Plan {
  Source source;
  SegmentClock clock;
  std::vector<Decision> decisions;
  std::vector<Normalisation> normalisations;
  int decoder_threads = 1;  // of each range, as the encoders' are
  int ranges_at_once = 1;   // that the pictures are made in, side by side
  int range_cores = 1;      // that each of them was planned for
  // Where the pictures of ranges are decoded, and filtered and scaled: "cpu", "cuda:0",
  // "vaapi:/dev/dri/renderD128". All else is made on the CPU.
  std::string decode_device = "cpu";
  std::string filter_device = "cpu";
  std::vector<PlannedRendition> renditions;  // largest first
  std::vector<PlannedSound> sounds;
  std::vector<PlannedOutput> outputs;
  std::vector<PlannedSubtitle> subtitles;
  std::vector<PlannedOverlay> overlays;
  std::int64_t trim_from = 0;  // ticks after the source's first picture: what the job's clock calls 0
  std::int64_t trim_to = 0;    // ticks after the source's first picture; 0: to the end
  bool accept_damage = false;
  bool real_time = false;               // ranges read pictures no faster than they play
  bool full_decode = false;             // every segment is decoded again in full before it counts
  std::int64_t estimated_segments = 0;  // 0: the source does not say how long it is
  std::int64_t estimated_bytes = 0;

  // Where overlays are laid: with the scaling on NVIDIA's devices, else on the CPU.
  std::string overlay_device() const;

  // The normalisations' filters as one libavfilter chain; empty: none is needed.
  std::string normalise_filter() const;
};

nlohmann::ordered_json to_json(const Plan& plan);
Result<Plan> plan_from_json(const nlohmann::ordered_json& json);

// The plan for people, as `millrace explain` prints it.
std::string describe(const Plan& plan);

}  // namespace millrace::engine
