#include "engine/package/hls.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/package/sound_groups.h"

namespace millrace::engine {
namespace {

constexpr int kSamplesPerAacFrame = 1024;  // longer than Opus's 20 ms at every rate
constexpr const char* kSubtitleGroup = "subtitles";
constexpr const char* kCaptionGroup = "captions";

// Version 6 brought EXT-X-MAP to playlists like ours; authoring rules for fMP4 ask for 7.
constexpr const char* kVersion = "#EXTM3U\n#EXT-X-VERSION:7\n";
constexpr const char* kIndependent = "#EXT-X-INDEPENDENT-SEGMENTS\n";

double seconds_of(const FinishedSegment& segment) {
  return static_cast<double>(segment.duration) / static_cast<double>(segment.timescale);
}

// A quoted-string (§4.2) holds no quotes and no line ends.
std::string quoted(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) continue;
    safe += c == '"' ? '\'' : c;
  }
  return '"' + safe + '"';
}

const char* yes_or_no(bool value) { return value ? "YES" : "NO"; }

std::string_view name_of(VideoRange range) {
  switch (range) {
    case VideoRange::pq:
      return "PQ";
    case VideoRange::hlg:
      return "HLG";
    default:
      return "SDR";
  }
}

std::string sound_lines(const SoundGroup& group) {
  std::string text;
  for (const SoundGroup::Member& member : group.members) {
    const AdaptiveTrack& track = *member.track;
    text += fmt::format("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{}\",NAME={}", group.id, quoted(member.name));
    if (!track.language.empty()) text += fmt::format(",LANGUAGE=\"{}\"", track.language);
    text +=
        fmt::format(",DEFAULT={},AUTOSELECT={},CHANNELS=\"{}\",URI=\"{}/playlist.m3u8\"\n",
                    yes_or_no(member.is_default), yes_or_no(member.autoselect), track.channels, track.folder);
  }
  return text;
}

std::string subtitle_lines(const std::vector<AdaptiveSubtitle>& subtitles) {
  std::string text;
  bool has_default = false;
  for (const AdaptiveSubtitle& each : subtitles) {
    const bool is_default = each.is_default && !has_default;  // a group has one
    has_default = has_default || is_default;
    text += fmt::format("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"{}\",NAME={}", kSubtitleGroup,
                        quoted(each.label.empty() ? each.id : each.label));
    if (!each.language.empty()) text += fmt::format(",LANGUAGE=\"{}\"", each.language);
    // Two of one language and kind: the second is the viewer's choice, not the player's.
    const auto first = std::find_if(subtitles.begin(), subtitles.end(), [&](const AdaptiveSubtitle& other) {
      return other.language == each.language && other.forced == each.forced;
    });
    text +=
        fmt::format(",DEFAULT={},AUTOSELECT={},FORCED={},URI=\"{}/playlist.m3u8\"\n", yes_or_no(is_default),
                    yes_or_no(is_default || &*first == &each), yes_or_no(each.forced), each.folder);
  }
  return text;
}

bool has_pictures(const AdaptiveSet& set) { return !set.tracks.empty() && !set.tracks.front().sound; }

bool has_captions(const AdaptiveSet& set) {
  return std::any_of(set.tracks.begin(), set.tracks.end(),
                     [](const AdaptiveTrack& track) { return track.closed_captions; });
}

// One EXT-X-STREAM-INF: a rendition (or none) with a group of sounds (or none).
std::string variant(const AdaptiveSet& set, const AdaptiveTrack* pictures, const SoundGroup* sounds,
                    bool group_is_named, std::int64_t target_seconds) {
  Bandwidth bandwidth;
  std::string codecs;
  if (pictures != nullptr) {
    bandwidth = bandwidth_of(*pictures, target_seconds);
    codecs = pictures->codecs;
  }
  if (sounds != nullptr) {
    const Bandwidth loudest = sounds->bandwidth(target_seconds);
    bandwidth.peak += loudest.peak;
    bandwidth.average += loudest.average;
    codecs += (codecs.empty() ? "" : ",") + sounds->codecs();
  }
  std::string text = fmt::format("#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\"",
                                 bandwidth.peak, bandwidth.average, codecs);
  if (pictures != nullptr) {
    text += fmt::format(",RESOLUTION={}x{}", pictures->width, pictures->height);
    if (pictures->highest_frame_rate.known())
      text += fmt::format(",FRAME-RATE={:.3f}", pictures->highest_frame_rate.as_double());
    text += fmt::format(",VIDEO-RANGE={}", name_of(pictures->range));
  }
  if (sounds != nullptr && group_is_named) text += fmt::format(",AUDIO=\"{}\"", sounds->id);
  if (!set.subtitles.empty()) text += fmt::format(",SUBTITLES=\"{}\"", kSubtitleGroup);
  if (pictures != nullptr && !has_captions(set)) text += ",CLOSED-CAPTIONS=NONE";
  if (pictures != nullptr && pictures->closed_captions)
    text += fmt::format(",CLOSED-CAPTIONS=\"{}\"", kCaptionGroup);
  const AdaptiveTrack& main = pictures != nullptr ? *pictures : sounds->main();
  return text + fmt::format("\n{}/playlist.m3u8\n", main.folder);
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
  std::string text = std::string(kVersion) + kIndependent;
  text += fmt::format("#EXT-X-TARGETDURATION:{}\n", target_seconds);
  text += "#EXT-X-MEDIA-SEQUENCE:0\n";
  text += whole ? "#EXT-X-PLAYLIST-TYPE:VOD\n" : "#EXT-X-PLAYLIST-TYPE:EVENT\n";
  std::optional<int> headers;
  for (const FinishedSegment& each : track.segments) {
    // Holds until the next one (§4.3.2.5).
    if (headers != each.headers) text += fmt::format("#EXT-X-MAP:URI=\"{}\"\n", init_file_name(each.headers));
    headers = each.headers;
    text += fmt::format("#EXTINF:{:.6f},\n{}\n", seconds_of(each), segment_file_name(each.index));
  }
  if (whole) text += "#EXT-X-ENDLIST\n";
  return text;
}

std::string hls_subtitle_playlist(double seconds) {
  return fmt::format(
      "{}#EXT-X-TARGETDURATION:{:.0f}\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
      "#EXTINF:{:.6f},\nsubtitles.vtt\n#EXT-X-ENDLIST\n",
      kVersion, std::max(std::ceil(seconds), 1.0), seconds);
}

std::string hls_master_playlist(const AdaptiveSet& set, std::int64_t target_seconds) {
  const std::vector<SoundGroup> groups = sound_groups(set.tracks);
  const bool pictures = has_pictures(set);
  // Without pictures a group of one sound is its own variant, and nothing is to be chosen.
  const bool named = pictures || (!groups.empty() && groups.front().members.size() > 1);

  std::string text = std::string(kVersion) + kIndependent;
  if (named)
    for (const SoundGroup& group : groups) text += sound_lines(group);
  text += subtitle_lines(set.subtitles);
  if (has_captions(set))
    text += fmt::format(
        "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"{}\",NAME=\"CC1\",DEFAULT=NO,AUTOSELECT=YES,"
        "INSTREAM-ID=\"CC1\"\n",
        kCaptionGroup);
  const auto with_group = [&](const SoundGroup* group) {
    if (!pictures && group != nullptr) text += variant(set, nullptr, group, named, target_seconds);
    for (const AdaptiveTrack& track : set.tracks)
      if (!track.sound) text += variant(set, &track, group, named, target_seconds);
  };
  if (groups.empty()) with_group(nullptr);
  for (const SoundGroup& group : groups) with_group(&group);
  return text;
}

}  // namespace millrace::engine
