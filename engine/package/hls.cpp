#include "engine/package/hls.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace millrace::engine {
namespace {

constexpr int kSamplesPerAacFrame = 1024;
constexpr const char* kSoundGroup = "audio";

// Version 6 brought EXT-X-MAP to playlists like ours; authoring rules for fMP4 ask for 7.
constexpr const char* kHeader = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n";

double seconds_of(const FinishedSegment& segment) {
  return static_cast<double>(segment.duration) / static_cast<double>(segment.timescale);
}

std::string stream_line(const Bandwidth& bandwidth, const std::string& codecs) {
  return fmt::format("#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\"", bandwidth.peak,
                     bandwidth.average, codecs);
}

}  // namespace

std::int64_t hls_target_seconds(const SegmentClock& clock, const std::vector<AdaptiveTrack>& tracks) {
  double longest = static_cast<double>(clock.segment_ticks()) / static_cast<double>(kTicksPerSecond);
  const double grid = longest;
  for (const AdaptiveTrack& track : tracks) {
    if (track.sound && track.sample_rate > 0)
      longest = std::max(longest, grid + static_cast<double>(kSamplesPerAacFrame) / track.sample_rate);
    for (const FinishedSegment& each : track.segments) longest = std::max(longest, seconds_of(each));
  }
  return static_cast<std::int64_t>(std::ceil(longest));
}

std::string hls_media_playlist(const AdaptiveTrack& track, std::int64_t target_seconds, bool whole) {
  std::string text = kHeader;
  text += fmt::format("#EXT-X-TARGETDURATION:{}\n", target_seconds);
  text += "#EXT-X-MEDIA-SEQUENCE:0\n";
  text += whole ? "#EXT-X-PLAYLIST-TYPE:VOD\n" : "#EXT-X-PLAYLIST-TYPE:EVENT\n";
  text += "#EXT-X-MAP:URI=\"init.mp4\"\n";
  for (const FinishedSegment& each : track.segments)
    text += fmt::format("#EXTINF:{:.6f},\n{}\n", seconds_of(each), segment_file_name(each.index));
  if (whole) text += "#EXT-X-ENDLIST\n";
  return text;
}

std::string hls_master_playlist(const std::vector<AdaptiveTrack>& tracks, std::int64_t target_seconds) {
  std::string text = kHeader;
  Bandwidth loudest;
  std::string sound_codecs;
  for (const AdaptiveTrack& track : tracks) {
    if (!track.sound) continue;
    const bool first = sound_codecs.empty();
    text += fmt::format("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{}\",NAME=\"{}\"", kSoundGroup, track.id);
    if (!track.language.empty()) text += fmt::format(",LANGUAGE=\"{}\"", track.language);
    text += fmt::format(",DEFAULT={},AUTOSELECT=YES,CHANNELS=\"{}\",URI=\"{}/playlist.m3u8\"\n",
                        first ? "YES" : "NO", track.channels, track.folder);
    if (first) sound_codecs = track.codecs;
    const Bandwidth bandwidth = bandwidth_of(track, target_seconds);
    loudest.peak = std::max(loudest.peak, bandwidth.peak);
    loudest.average = std::max(loudest.average, bandwidth.average);
  }

  bool pictures = false;
  for (const AdaptiveTrack& track : tracks) {
    if (track.sound) continue;
    pictures = true;
    Bandwidth bandwidth = bandwidth_of(track, target_seconds);
    bandwidth.peak += loudest.peak;
    bandwidth.average += loudest.average;
    text += stream_line(bandwidth, sound_codecs.empty() ? track.codecs : track.codecs + "," + sound_codecs);
    text += fmt::format(",RESOLUTION={}x{}", track.width, track.height);
    if (track.frame_rate.known()) text += fmt::format(",FRAME-RATE={:.3f}", track.frame_rate.as_double());
    if (!sound_codecs.empty()) text += fmt::format(",AUDIO=\"{}\"", kSoundGroup);
    text += fmt::format("\n{}/playlist.m3u8\n", track.folder);
  }
  if (pictures) return text;

  text = kHeader;
  for (const AdaptiveTrack& track : tracks)
    text += stream_line(bandwidth_of(track, target_seconds), track.codecs) +
            fmt::format("\n{}/playlist.m3u8\n", track.folder);
  return text;
}

}  // namespace millrace::engine
