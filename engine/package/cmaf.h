// CMAF (ISO/IEC 23000-19): the init segment of a track and its media segments, as bytes. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/hdr_metadata.h"

struct AVCodecParameters;

namespace millrace::engine {

// The media time in the file runs ahead of the presentation by `shift`, so that no decode time is negative;
// the edit list of the init segment takes it off again.
struct CmafTrack {
  const AVCodecParameters* parameters =
      nullptr;  // with extradata as an encoder gives it or as MP4 holds it; not owned
  std::int64_t timescale = 90'000;
  std::int64_t shift = 0;  // ticks: the reorder depth (video), the encoder's priming (sound)
  std::string language;    // ISO 639-2, empty: und
  HdrMetadata hdr = {};    // pictures
};

// One coded frame; times in ticks of the track, before the shift (dts may be negative, pts may be negative
// for priming).
struct CmafSample {
  std::string data;  // as the container stores it (length-prefixed NAL units, raw AAC ...)
  std::int64_t pts = 0;
  std::int64_t dts = 0;
  std::int64_t duration = 0;
  bool key = false;
};

// ftyp + moov with mvex and an edit list, no samples. Made by libavformat's mov muxer.
Result<std::string> cmaf_init_segment(const CmafTrack& track);

// styp + moof + mdat of one whole segment. `sequence` counts from 1 and is the segment's index + 1. At least
// one sample.
std::string cmaf_media_segment(const CmafTrack& track, std::int64_t sequence,
                               const std::vector<CmafSample>& samples);

}  // namespace millrace::engine
