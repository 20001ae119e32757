#include "engine/package/dash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace millrace::engine {
namespace {

std::string escaped(const std::string& text) {
  std::string xml;
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) xml += c;
    }
  }
  return xml;
}

std::string descriptor(std::string_view element, std::string_view scheme, std::string_view value) {
  return fmt::format("      <{} schemeIdUri=\"{}\" value=\"{}\"/>\n", element, scheme, value);
}

std::string role(std::string_view value) { return descriptor("Role", "urn:mpeg:dash:role:2011", value); }

std::string label(const std::string& text) {
  return text.empty() ? "" : fmt::format("      <Label>{}</Label>\n", escaped(text));
}

// ISO/IEC 23091-2 code points of BT.2100. Supplemental, not essential: the set has no pictures besides, and
// wrong colours are better than none.
std::string colours(VideoRange range) {
  if (range == VideoRange::sdr) return {};
  constexpr const char* kElement = "SupplementalProperty";
  return descriptor(kElement, "urn:mpeg:mpegB:cicp:ColourPrimaries", "9") +
         descriptor(kElement, "urn:mpeg:mpegB:cicp:TransferCharacteristics",
                    range == VideoRange::pq ? "16" : "18") +
         descriptor(kElement, "urn:mpeg:mpegB:cicp:MatrixCoefficients", "9");
}

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

// What a set says before its representations. The order of the elements is the schema's.
std::string about_set(const AdaptiveTrack& first, std::size_t sounds) {
  if (!first.sound)
    return colours(first.range) +
           (first.closed_captions ? descriptor("Accessibility", "urn:scte:dash:cc:cea-608:2015", "CC1") : "");
  // A single sound leaves no choice to make.
  return sounds < 2 ? "" : label(first.label) + role(first.is_default ? "main" : "alternate");
}

std::string adaptation_set(std::size_t id, const std::vector<const AdaptiveTrack*>& tracks,
                           std::size_t sounds, std::int64_t target_seconds) {
  const AdaptiveTrack& first = *tracks.front();
  const std::string_view kind = first.sound ? "audio" : "video";
  std::string text = fmt::format(
      "    <AdaptationSet id=\"{}\" contentType=\"{}\" mimeType=\"{}/mp4\" segmentAlignment=\"true\" "
      "startWithSAP=\"1\"",
      id, kind, kind);
  if (!first.language.empty()) text += fmt::format(" lang=\"{}\"", first.language);
  text += ">\n" + about_set(first, sounds);
  for (const AdaptiveTrack* each : tracks) text += representation(*each, target_seconds);
  return text + "    </AdaptationSet>\n";
}

// A file of its own beside the segments (§5.3.9.3, a representation of one segment).
std::string subtitle_set(std::size_t id, const AdaptiveSubtitle& subtitle, double seconds) {
  std::string text =
      fmt::format("    <AdaptationSet id=\"{}\" contentType=\"text\" mimeType=\"text/vtt\"", id);
  if (!subtitle.language.empty()) text += fmt::format(" lang=\"{}\"", subtitle.language);
  text += ">\n" + label(subtitle.label) + role(subtitle.forced ? "forced-subtitle" : "subtitle");
  if (subtitle.is_default) text += role("main");
  const double bits = seconds > 0 ? static_cast<double>(subtitle.bytes) * 8 / seconds : 0;
  return text + fmt::format(
                    "      <Representation id=\"{}\" bandwidth=\"{:.0f}\">\n"
                    "        <BaseURL>{}/subtitles.vtt</BaseURL>\n"
                    "      </Representation>\n"
                    "    </AdaptationSet>\n",
                    subtitle.id, std::max(std::ceil(bits), 1.0), subtitle.folder);
}

// "avc1" of "avc1.64001f": players switch within a codec, and choose between codecs.
std::string_view codec_of(const AdaptiveTrack& track) {
  return std::string_view(track.codecs).substr(0, track.codecs.find('.'));
}

}  // namespace

std::string dash_manifest(const AdaptiveSet& set, std::int64_t target_seconds) {
  std::vector<std::vector<const AdaptiveTrack*>> sets;
  std::size_t sounds = 0;
  for (const AdaptiveTrack& track : set.tracks) {
    sounds += track.sound ? 1 : 0;
    const auto same = std::find_if(sets.begin(), sets.end(), [&](const auto& each) {
      return !track.sound && !each.front()->sound && codec_of(*each.front()) == codec_of(track);
    });
    if (same == sets.end()) {
      sets.push_back({&track});
    } else {
      same->push_back(&track);
    }
  }
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
      "profiles=\"urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019\" type=\"static\" "
      "mediaPresentationDuration=\"PT{:.6f}S\" minBufferTime=\"PT{}S\">\n"
      "  <Period id=\"0\" start=\"PT0S\">\n",
      set.end_seconds(), target_seconds);
  std::size_t id = 0;
  for (const auto& each : sets) text += adaptation_set(id++, each, sounds, target_seconds);
  for (const AdaptiveSubtitle& each : set.subtitles) text += subtitle_set(id++, each, set.end_seconds());
  return text + "  </Period>\n</MPD>\n";
}

}  // namespace millrace::engine
