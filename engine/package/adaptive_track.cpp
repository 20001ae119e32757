#include "engine/package/adaptive_track.h"

#include <algorithm>

namespace millrace::engine {
namespace {

// Rounded up, without the error of binary fractions.
std::int64_t rate_of(std::int64_t bytes, std::int64_t ticks, std::int64_t timescale) {
  return ticks <= 0 ? 0 : (bytes * 8 * timescale + ticks - 1) / ticks;
}

}  // namespace

double AdaptiveTrack::end_seconds() const {
  if (segments.empty()) return 0;
  const FinishedSegment& last = segments.back();
  return static_cast<double>(last.start + last.duration) / static_cast<double>(last.timescale);
}

double AdaptiveSet::end_seconds() const {
  double end = 0;
  for (const AdaptiveTrack& track : tracks) end = std::max(end, track.end_seconds());
  return end;
}

Bandwidth bandwidth_of(const AdaptiveTrack& track, std::int64_t target_seconds) {
  Bandwidth found;
  if (track.segments.empty()) return {track.planned_bits_per_second, 0};
  const std::int64_t timescale = track.segments.front().timescale;
  std::int64_t bytes = 0;
  std::int64_t ticks = 0;
  for (const FinishedSegment& each : track.segments) {
    bytes += each.bytes;
    ticks += each.duration;
    // RFC 8216 §4.3.4.2: the peak is over runs of at least half a target duration.
    if (2 * each.duration >= target_seconds * timescale)
      found.peak = std::max(found.peak, rate_of(each.bytes, each.duration, timescale));
  }
  found.average = rate_of(bytes, ticks, timescale);
  found.peak = std::max({found.peak, found.average, track.planned_bits_per_second});
  return found;
}

}  // namespace millrace::engine
