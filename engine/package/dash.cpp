#include "engine/package/dash.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::engine {
namespace {

// SegmentTimeline (§5.3.9.6): a segment lasts until the next one begins; equal ones in a row are one entry.
std::string timeline(const AdaptiveTrack& track) {
  std::string text;
  const auto& segments = track.segments;
  const auto length = [&](std::size_t at) {
    return at + 1 < segments.size() ? segments[at + 1].start - segments[at].start : segments[at].duration;
  };
  for (std::size_t at = 0; at < segments.size();) {
    std::size_t end = at + 1;
    while (end < segments.size() && length(end) == length(at)) ++end;
    text += "            <S ";
    if (at == 0) text += fmt::format("t=\"{}\" ", segments[at].start);
    text += fmt::format("d=\"{}\"", length(at));
    if (end - at > 1) text += fmt::format(" r=\"{}\"", end - at - 1);
    text += "/>\n";
    at = end;
  }
  return text;
}

std::string representation(const AdaptiveTrack& track, std::int64_t target_seconds) {
  std::string text = fmt::format("      <Representation id=\"{}\" bandwidth=\"{}\" codecs=\"{}\"", track.id,
                                 bandwidth_of(track, target_seconds).peak, track.codecs);
  if (track.sound) {
    text += fmt::format(
        " audioSamplingRate=\"{}\">\n"
        "        <AudioChannelConfiguration "
        "schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" "
        "value=\"{}\"/>\n",
        track.sample_rate, track.channels);
  } else {
    text += fmt::format(" width=\"{}\" height=\"{}\" sar=\"1:1\"", track.width, track.height);
    if (track.frame_rate.known()) text += fmt::format(" frameRate=\"{}\"", to_string(track.frame_rate));
    text += ">\n";
  }
  text += fmt::format(
      "        <SegmentTemplate timescale=\"{}\" initialization=\"{}/init.mp4\" "
      "media=\"{}/$Number%05d$.m4s\" "
      "startNumber=\"1\">\n"
      "          <SegmentTimeline>\n",
      track.segments.front().timescale, track.folder, track.folder);
  text += timeline(track);
  return text +
         "          </SegmentTimeline>\n"
         "        </SegmentTemplate>\n"
         "      </Representation>\n";
}

std::string adaptation_set(int id, const std::vector<const AdaptiveTrack*>& tracks,
                           std::int64_t target_seconds) {
  const AdaptiveTrack& first = *tracks.front();
  const std::string_view kind = first.sound ? "audio" : "video";
  std::string text = fmt::format(
      "    <AdaptationSet id=\"{}\" contentType=\"{}\" mimeType=\"{}/mp4\" segmentAlignment=\"true\" "
      "startWithSAP=\"1\"",
      id, kind, kind);
  if (!first.language.empty()) text += fmt::format(" lang=\"{}\"", first.language);
  text += ">\n";
  for (const AdaptiveTrack* each : tracks) text += representation(*each, target_seconds);
  return text + "    </AdaptationSet>\n";
}

}  // namespace

std::string dash_manifest(const std::vector<AdaptiveTrack>& tracks, std::int64_t target_seconds) {
  std::vector<std::vector<const AdaptiveTrack*>> sets;
  double end = 0;
  for (const AdaptiveTrack& track : tracks) {
    end = std::max(end, track.end_seconds());
    if (!track.sound && !sets.empty() && !sets.front().front()->sound) {
      sets.front().push_back(&track);
    } else {
      sets.push_back({&track});
    }
  }
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
      "profiles=\"urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019\" type=\"static\" "
      "mediaPresentationDuration=\"PT{:.6f}S\" minBufferTime=\"PT{}S\">\n"
      "  <Period id=\"0\" start=\"PT0S\">\n",
      end, target_seconds);
  int id = 0;
  for (const auto& each : sets) text += adaptation_set(id++, each, target_seconds);
  return text + "  </Period>\n</MPD>\n";
}

}  // namespace millrace::engine
