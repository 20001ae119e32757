#include "engine/package/dash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "engine/plan/segment_clock.h"

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

// A stretch of the presentation within which no rendition changes its headers; in ticks of 1/90000 s.
struct Period {
  std::size_t number = 0;
  std::int64_t from = 0;
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
};

std::int64_t rescaled(std::int64_t ticks, std::int64_t from, std::int64_t to) {
  return from == to ? ticks : (ticks * to + from / 2) / from;
}

std::vector<Period> periods_of(const AdaptiveSet& set) {
  std::set<std::int64_t> starts{0};
  for (const AdaptiveTrack& track : set.tracks)
    for (std::size_t at = 1; at < track.segments.size(); ++at) {
      const FinishedSegment& segment = track.segments[at];
      if (segment.headers != track.segments[at - 1].headers)
        starts.insert(rescaled(segment.start, segment.timescale, kTicksPerSecond));
    }
  std::vector<Period> periods;
  for (const std::int64_t start : starts) {
    if (!periods.empty()) periods.back().to = start;
    periods.push_back({periods.size(), start});
  }
  return periods;
}

// The segments of a track that a period names: [begin, end) of them.
struct Slice {
  const AdaptiveTrack& track;
  std::size_t begin = 0;
  std::size_t end = 0;
  const FinishedSegment& first() const { return track.segments[begin]; }
};

// Pictures are cut at the period's ends. Sound is not: what lies across an end belongs to both periods.
Slice slice_of(const AdaptiveTrack& track, const Period& period) {
  Slice slice{track, 0, track.segments.size()};
  const auto starts = [](const FinishedSegment& each) {
    return rescaled(each.start, each.timescale, kTicksPerSecond);
  };
  const auto ends = [](const FinishedSegment& each) {
    return rescaled(each.start + each.duration, each.timescale, kTicksPerSecond);
  };
  while (slice.begin < slice.end &&
         (track.sound ? ends(slice.first()) <= period.from : starts(slice.first()) < period.from))
    ++slice.begin;
  while (slice.end > slice.begin && starts(track.segments[slice.end - 1]) >= period.to) --slice.end;
  return slice;
}

// SegmentTimeline (§5.3.9.6): a segment lasts until the next one begins; equal ones in a row are one entry.
std::string timeline(const Slice& slice) {
  std::string text;
  const auto& segments = slice.track.segments;
  const auto length = [&](std::size_t at) {
    return at + 1 < segments.size() ? segments[at + 1].start - segments[at].start : segments[at].duration;
  };
  for (std::size_t at = slice.begin; at < slice.end;) {
    std::size_t end = at + 1;
    while (end < slice.end && length(end) == length(at)) ++end;
    text += "            <S ";
    if (at == slice.begin) text += fmt::format("t=\"{}\" ", segments[at].start);
    text += fmt::format("d=\"{}\"", length(at));
    if (end - at > 1) text += fmt::format(" r=\"{}\"", end - at - 1);
    text += "/>\n";
    at = end;
  }
  return text;
}

// Representations of one id share their headers over all periods (§5.3.2.4).
std::string representation(const Slice& slice, const Period& period, std::int64_t target_seconds) {
  const AdaptiveTrack& track = slice.track;
  const int headers = slice.first().headers;
  const bool first_headers = headers == track.segments.front().headers;
  const auto codecs = track.codecs_by_headers.find(headers);
  std::string text = fmt::format("      <Representation id=\"{}{}\" bandwidth=\"{}\" codecs=\"{}\"", track.id,
                                 first_headers ? "" : fmt::format("-{}", headers + 1),
                                 bandwidth_of(track, target_seconds).peak,
                                 codecs == track.codecs_by_headers.end() ? track.codecs : codecs->second);
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
  const std::int64_t timescale = slice.first().timescale;
  text += fmt::format("        <SegmentTemplate timescale=\"{}\"", timescale);
  if (period.from > 0)
    text += fmt::format(" presentationTimeOffset=\"{}\"", rescaled(period.from, kTicksPerSecond, timescale));
  text += fmt::format(
      " initialization=\"{}/{}\" media=\"{}/$Number%05d$.m4s\" startNumber=\"{}\">\n"
      "          <SegmentTimeline>\n",
      track.folder, init_file_name(headers), track.folder, slice.begin + 1);
  text += timeline(slice);
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

// Players go on with the buffers of the period before, without a gap (§5.3.2.4).
std::string continuity(const Period& period) {
  return period.number == 0 ? ""
                            : descriptor("SupplementalProperty", "urn:mpeg:dash:period-continuity:2015",
                                         std::to_string(period.number - 1));
}

// Empty where none of the tracks has anything in the period.
std::string adaptation_set(std::size_t id, const std::vector<const AdaptiveTrack*>& tracks,
                           const Period& period, std::size_t sounds, std::int64_t target_seconds) {
  const AdaptiveTrack& first = *tracks.front();
  std::string representations;
  for (const AdaptiveTrack* each : tracks) {
    const Slice slice = slice_of(*each, period);
    if (slice.begin < slice.end) representations += representation(slice, period, target_seconds);
  }
  if (representations.empty()) return {};
  const std::string_view kind = first.sound ? "audio" : "video";
  std::string text = fmt::format(
      "    <AdaptationSet id=\"{}\" contentType=\"{}\" mimeType=\"{}/mp4\" segmentAlignment=\"true\" "
      "startWithSAP=\"1\"",
      id, kind, kind);
  if (!first.language.empty()) text += fmt::format(" lang=\"{}\"", first.language);
  text += ">\n" + continuity(period) + about_set(first, sounds);
  return text + representations + "    </AdaptationSet>\n";
}

// A file of its own beside the segments (§5.3.9.3, a representation of one segment); every period has it.
std::string subtitle_set(std::size_t id, const AdaptiveSubtitle& subtitle, const Period& period,
                         double seconds) {
  std::string text =
      fmt::format("    <AdaptationSet id=\"{}\" contentType=\"text\" mimeType=\"text/vtt\"", id);
  if (!subtitle.language.empty()) text += fmt::format(" lang=\"{}\"", subtitle.language);
  text += ">\n" + label(subtitle.label) + role(subtitle.forced ? "forced-subtitle" : "subtitle");
  if (subtitle.is_default) text += role("main");
  const double bits = seconds > 0 ? static_cast<double>(subtitle.bytes) * 8 / seconds : 0;
  text += fmt::format(
      "      <Representation id=\"{}\" bandwidth=\"{:.0f}\">\n"
      "        <BaseURL>{}/subtitles.vtt</BaseURL>\n",
      subtitle.id, std::max(std::ceil(bits), 1.0), subtitle.folder);
  if (period.from > 0)
    text += fmt::format("        <SegmentBase timescale=\"{}\" presentationTimeOffset=\"{}\"/>\n",
                        kTicksPerSecond, period.from);
  return text + "      </Representation>\n    </AdaptationSet>\n";
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
      "mediaPresentationDuration=\"PT{:.6f}S\" minBufferTime=\"PT{}S\">\n",
      set.end_seconds(), target_seconds);
  for (const Period& period : periods_of(set)) {
    const double start = static_cast<double>(period.from) / kTicksPerSecond;
    text += fmt::format("  <Period id=\"{}\" start=\"PT{}S\">\n", period.number,
                        period.from == 0 ? "0" : fmt::format("{:.6f}", start));
    std::size_t id = 0;
    for (const auto& each : sets) text += adaptation_set(id++, each, period, sounds, target_seconds);
    for (const AdaptiveSubtitle& each : set.subtitles)
      text += subtitle_set(id++, each, period, set.end_seconds());
    text += "  </Period>\n";
  }
  return text + "</MPD>\n";
}

}  // namespace millrace::engine
