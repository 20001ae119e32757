// Renditions of ladders and files: size, codec, rate control, GOP. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/job/ladder.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// The pictures that renditions are made of, after normalisation.
struct NormalisedVideo {
  PictureSize size;
  Rational frame_rate;
  bool variable_frame_rate = false;
  bool is_hdr = false;  // PQ or HLG in 10 bit: renditions keep it
};

class RenditionPlanner {
 public:
  RenditionPlanner(const NormalisedVideo& video, const SegmentClock& clock) : video_(video), clock_(clock) {}

  // Largest first, with folders below the output's. invalid_argument at FIELD.ladder for a rung above the
  // picture; unsupported for a codec that cannot carry the HDR that is kept.
  Result<std::vector<PlannedRendition>> of_ladder(const AdaptiveOutput& output,
                                                  const std::string& field) const;

  // Without a folder. invalid_argument at FIELD.video.height for more lines than the picture has.
  Result<PlannedRendition> of_file(const FileOutput& output, const std::string& field) const;

 private:
  Rational limit(const Rational& asked) const;
  Rational rate_under(const Rational& limit) const;
  std::int64_t gop_ticks(double gop_seconds) const;
  Result<PlannedRendition> rendition(const Rung& rung, VideoCodec codec, const std::string& preset,
                                     double gop_seconds, const std::string& codec_field) const;

  const NormalisedVideo video_;
  const SegmentClock clock_;
};

// The largest rendition that a file can take as it stands, which saves an encode; null when none fits. `own`
// is what it would get otherwise. The first `adaptive` of `all` belong to adaptive outputs: these may decide
// what the file leaves open, another file's only when it is the same.
const PlannedRendition* fitting(const FileOutput& output, const PlannedRendition& own,
                                std::span<const PlannedRendition> all, std::size_t adaptive);

// Pixels.
std::int64_t area(const PlannedRendition& rendition);

}  // namespace millrace::engine
