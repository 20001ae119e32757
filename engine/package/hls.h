// HLS playlists (RFC 8216) over CMAF segments and WebVTT, as text. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/package/adaptive_track.h"
#include "engine/plan/segment_clock.h"

namespace millrace::engine {

// EXT-X-TARGETDURATION of every playlist of an output but subtitles: the same for all and from the first one
// on (§6.2.1, §6.2.4), so it leaves room for a segment of sound that ends a frame late. Only a longer segment
// than planned raises it.
std::int64_t hls_target_seconds(const SegmentClock& clock, const std::vector<AdaptiveTrack>& tracks);

// EVENT while the track grows, VOD with ENDLIST once it is `whole`. Where the segments' headers change, so
// does EXT-X-MAP, without a discontinuity: times, track and grid go on, and the other playlists of the set
// have none there. Lies in the track's folder.
std::string hls_media_playlist(const AdaptiveTrack& track, std::int64_t target_seconds, bool whole);

// VOD with the one file there is, and a target duration of its own (§6.2.4). Lies in the subtitle's folder.
std::string hls_subtitle_playlist(double seconds);

// A variant per rendition and group of sounds, largest first as given. The sounds' languages are the members
// of group "audio"; where any is there in surround too, group "surround" has the same members in their
// fullest encoding (§4.3.4.1.1). Without pictures the groups themselves are the variants. Lies in the
// output's folder.
std::string hls_master_playlist(const AdaptiveSet& set, std::int64_t target_seconds);

}  // namespace millrace::engine
