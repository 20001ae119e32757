// HLS playlists (RFC 8216) over CMAF segments, as text. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/package/adaptive_track.h"
#include "engine/plan/segment_clock.h"

namespace millrace::engine {

// EXT-X-TARGETDURATION of every playlist of an output: the same for all and from the first one on (§6.2.1,
// §6.2.4), so it leaves room for a segment of sound that ends a frame late. Only a longer segment than
// planned raises it.
std::int64_t hls_target_seconds(const SegmentClock& clock, const std::vector<AdaptiveTrack>& tracks);

// EVENT while the track grows, VOD with ENDLIST once it is `whole`. Lies in the track's folder.
std::string hls_media_playlist(const AdaptiveTrack& track, std::int64_t target_seconds, bool whole);

// One variant per rendition, largest first as given, with the sounds as one group; the sounds alone when
// there are no pictures. Lies in the output's folder.
std::string hls_master_playlist(const std::vector<AdaptiveTrack>& tracks, std::int64_t target_seconds);

}  // namespace millrace::engine
