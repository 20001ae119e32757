// AdaptiveTrack: what playlists and manifests say of one rendition or sound; AdaptiveSet: of a whole output.
// Plain data, and pure functions over it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/rational.h"
#include "engine/plan/segment.h"

namespace millrace::engine {

enum class VideoRange { sdr, pq, hlg };

struct AdaptiveTrack {
  std::string id;      // "720p", unique in its output
  std::string folder;  // from the output's folder on: "720p"
  std::string codecs;  // RFC 6381: "avc1.64001f"; covers all segments, whatever their headers
  // Of each of its init segments, by FinishedSegment::headers; may be empty where there is one.
  std::map<int, std::string> codecs_by_headers = {};
  bool sound = false;
  std::int64_t planned_bits_per_second = 0;
  // pictures
  int width = 0;
  int height = 0;
  Rational frame_rate;          // average; not known: is left out
  Rational highest_frame_rate;  // not known: is left out
  VideoRange range = VideoRange::sdr;
  bool closed_captions = false;  // CEA-608 lies in its pictures
  // sound
  int channels = 0;
  int sample_rate = 0;
  std::string language;  // BCP 47; empty: not known
  std::string label;     // as players show it; empty: the id
  int source_track = 0;  // sounds of one source track are the same sound in several encodings
  bool is_default = false;

  std::vector<FinishedSegment> segments;  // by index, from 0, without a gap

  // Where its last segment ends on the job's clock.
  double end_seconds() const;
};

// One file of WebVTT, FOLDER/subtitles.vtt, for the whole output.
struct AdaptiveSubtitle {
  std::string id;
  std::string folder;    // from the output's folder on
  std::string label;     // as players show it
  std::string language;  // BCP 47; empty: not known
  bool is_default = false;
  bool forced = false;
  std::int64_t bytes = 0;
};

struct AdaptiveSet {
  std::vector<AdaptiveTrack> tracks;  // the renditions, largest first, then the sounds
  std::vector<AdaptiveSubtitle> subtitles;

  // Where the longest track ends on the job's clock.
  double end_seconds() const;
};

// Bits per second over the wire, boxes included.
struct Bandwidth {
  std::int64_t peak =
      0;  // of the densest segment, at least the planned bits; ends shorter than half a target do not count
  std::int64_t average = 0;  // of all segments
};
Bandwidth bandwidth_of(const AdaptiveTrack& track, std::int64_t target_seconds);

}  // namespace millrace::engine
