#include "engine/package/dash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AdaptiveTrack track_with(const std::vector<std::pair<std::int64_t, std::int64_t>>& starts_and_durations) {
  AdaptiveTrack track;
  track.id = track.folder = "720p";
  track.codecs = "avc1.64001f";
  track.width = 1280;
  track.height = 720;
  track.frame_rate = {30000, 1001};
  track.planned_bits_per_second = 2'800'000;
  for (const auto& [start, duration] : starts_and_durations) {
    FinishedSegment segment;
    segment.start = start;
    segment.duration = duration;
    track.segments.push_back(segment);
  }
  return track;
}

std::string manifest(std::vector<AdaptiveTrack> tracks, std::int64_t target,
                     std::vector<AdaptiveSubtitle> subtitles = {}) {
  return dash_manifest({std::move(tracks), std::move(subtitles)}, target);
}

TEST(DashManifest, SaysAllThatAPlayerNeeds) {
  AdaptiveTrack sound = track_with({{0, 192'512}, {192'512, 1000}});
  sound.id = sound.folder = "audio";
  sound.sound = true;
  sound.codecs = "mp4a.40.2";
  sound.channels = 2;
  sound.sample_rate = 48'000;
  sound.language = "de";
  sound.planned_bits_per_second = 128'000;
  for (FinishedSegment& each : sound.segments) each.timescale = 48'000;
  EXPECT_EQ(
      manifest({track_with({{0, 360'360}, {360'360, 360'360}, {720'720, 3003}}), sound}, 5),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
      "profiles=\"urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019\" type=\"static\" "
      "mediaPresentationDuration=\"PT8.041367S\" minBufferTime=\"PT5S\">\n"
      "  <Period id=\"0\" start=\"PT0S\">\n"
      "    <AdaptationSet id=\"0\" contentType=\"video\" mimeType=\"video/mp4\" segmentAlignment=\"true\" "
      "startWithSAP=\"1\">\n"
      "      <Representation id=\"720p\" bandwidth=\"2800000\" codecs=\"avc1.64001f\" width=\"1280\" "
      "height=\"720\" "
      "sar=\"1:1\" frameRate=\"30000/1001\">\n"
      "        <SegmentTemplate timescale=\"90000\" initialization=\"720p/init.mp4\" "
      "media=\"720p/$Number%05d$.m4s\" startNumber=\"1\">\n"
      "          <SegmentTimeline>\n"
      "            <S t=\"0\" d=\"360360\" r=\"1\"/>\n"
      "            <S d=\"3003\"/>\n"
      "          </SegmentTimeline>\n"
      "        </SegmentTemplate>\n"
      "      </Representation>\n"
      "    </AdaptationSet>\n"
      "    <AdaptationSet id=\"1\" contentType=\"audio\" mimeType=\"audio/mp4\" segmentAlignment=\"true\" "
      "startWithSAP=\"1\" lang=\"de\">\n"
      "      <Representation id=\"audio\" bandwidth=\"128000\" codecs=\"mp4a.40.2\" "
      "audioSamplingRate=\"48000\">\n"
      "        <AudioChannelConfiguration "
      "schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"2\"/>\n"
      "        <SegmentTemplate timescale=\"48000\" initialization=\"audio/init.mp4\" "
      "media=\"audio/$Number%05d$.m4s\" startNumber=\"1\">\n"
      "          <SegmentTimeline>\n"
      "            <S t=\"0\" d=\"192512\"/>\n"
      "            <S d=\"1000\"/>\n"
      "          </SegmentTimeline>\n"
      "        </SegmentTemplate>\n"
      "      </Representation>\n"
      "    </AdaptationSet>\n"
      "  </Period>\n"
      "</MPD>\n");
}

TEST(DashManifest, RenditionsShareASetAndSoundsDoNot) {
  AdaptiveTrack sound = track_with({{0, 10}});
  sound.sound = true;
  const std::string text = manifest({track_with({{0, 10}}), track_with({{0, 10}}), sound, sound}, 4);
  EXPECT_THAT(text, HasSubstr("AdaptationSet id=\"2\""));
  EXPECT_THAT(text, Not(HasSubstr("AdaptationSet id=\"3\"")));
}

TEST(DashManifest, ASegmentLastsUntilTheNextOneBegins) {
  const std::string text = manifest({track_with({{0, 90'000}, {93'000, 90'000}})}, 4);
  EXPECT_THAT(text, HasSubstr("<S t=\"0\" d=\"93000\"/>"));
  EXPECT_THAT(text, HasSubstr("<S d=\"90000\"/>"));
}

TEST(DashManifest, ManySegmentsAreOneEntry) {
  std::vector<std::pair<std::int64_t, std::int64_t>> many;
  for (std::int64_t index = 0; index < 1000; ++index) many.emplace_back(index * 360'000, 360'000);
  EXPECT_THAT(manifest({track_with(many)}, 4),
              HasSubstr("<S t=\"0\" d=\"360000\" r=\"999\"/>\n          </"));
}

TEST(DashManifest, EachCodecHasASetOfItsOwn) {
  AdaptiveTrack hevc = track_with({{0, 10}});
  hevc.codecs = "hvc1.1.6.L93.B0";
  AdaptiveTrack other_level = track_with({{0, 10}});
  other_level.codecs = "avc1.64000d";
  const std::string text = manifest({track_with({{0, 10}}), hevc, other_level}, 4);
  EXPECT_THAT(text, Not(HasSubstr("AdaptationSet id=\"2\"")));
  // The third stands with the first.
  EXPECT_LT(text.find("avc1.64000d"), text.find("AdaptationSet id=\"1\""));
  EXPECT_GT(text.find("hvc1.1.6.L93.B0"), text.find("AdaptationSet id=\"1\""));
}

TEST(DashManifest, NamesTheCaptionsInThePictures) {
  AdaptiveTrack track = track_with({{0, 10}});
  track.closed_captions = true;
  EXPECT_THAT(manifest({track}, 4),
              HasSubstr("startWithSAP=\"1\">\n"
                        "      <Accessibility schemeIdUri=\"urn:scte:dash:cc:cea-608:2015\" value=\"CC1\"/>\n"
                        "      <Representation "));
}

TEST(DashManifest, SaysTheColoursOfHdr) {
  AdaptiveTrack track = track_with({{0, 10}});
  EXPECT_THAT(manifest({track}, 4), Not(HasSubstr("cicp")));
  track.range = VideoRange::pq;
  EXPECT_THAT(
      manifest({track}, 4),
      HasSubstr(
          "      <SupplementalProperty schemeIdUri=\"urn:mpeg:mpegB:cicp:ColourPrimaries\" value=\"9\"/>\n"
          "      <SupplementalProperty schemeIdUri=\"urn:mpeg:mpegB:cicp:TransferCharacteristics\" "
          "value=\"16\"/>\n"
          "      <SupplementalProperty schemeIdUri=\"urn:mpeg:mpegB:cicp:MatrixCoefficients\" "
          "value=\"9\"/>\n"));
  track.range = VideoRange::hlg;
  EXPECT_THAT(manifest({track}, 4), HasSubstr("TransferCharacteristics\" value=\"18\""));
}

std::string part_of(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? "" : text.substr(at, text.find(to, at) - at);
}

// 720p changes its headers at 8 s, 360p keeps its own; sound lies a little across.
TEST(DashManifest, APeriodBeginsWhereARenditionChangesItsHeaders) {
  AdaptiveTrack large =
      track_with({{0, 360'000}, {360'000, 360'000}, {720'000, 360'000}, {1'080'000, 90'000}});
  large.segments[2].headers = large.segments[3].headers = 1;
  large.codecs = "avc1.640028";
  large.codecs_by_headers = {{0, "avc1.64001f"}, {1, "avc1.640028"}};
  AdaptiveTrack small = large;
  small.id = small.folder = "360p";
  small.codecs = "avc1.64001e";
  small.codecs_by_headers = {{0, "avc1.64001e"}};
  for (FinishedSegment& each : small.segments) each.headers = 0;
  AdaptiveTrack sound = track_with({{0, 192'512}, {192'512, 192'512}, {385'024, 192'000}, {577'024, 47'000}});
  sound.id = sound.folder = "audio";
  sound.sound = true;
  for (FinishedSegment& each : sound.segments) each.timescale = 48'000;
  const std::string text = manifest({large, small, sound}, 5,
                                    {{"subtitles-de", "subtitles-de", "Deutsch", "de", false, false, 1001}});

  const std::string first = part_of(text, "<Period id=\"0\" start=\"PT0S\">", "</Period>");
  EXPECT_THAT(first, HasSubstr("<Representation id=\"720p\" "));
  EXPECT_THAT(first, HasSubstr("codecs=\"avc1.64001f\""));
  EXPECT_THAT(first, HasSubstr("<SegmentTemplate timescale=\"90000\" initialization=\"720p/init.mp4\" "
                               "media=\"720p/$Number%05d$.m4s\" startNumber=\"1\">\n"
                               "          <SegmentTimeline>\n"
                               "            <S t=\"0\" d=\"360000\" r=\"1\"/>\n"
                               "          </SegmentTimeline>\n"));
  EXPECT_THAT(first, HasSubstr("            <S t=\"0\" d=\"192512\" r=\"1\"/>\n          </S"));
  EXPECT_THAT(first, Not(HasSubstr("period-continuity")));
  EXPECT_THAT(first, Not(HasSubstr("presentationTimeOffset")));

  const std::string second = part_of(text, "<Period id=\"1\" start=\"PT8.000000S\">", "</Period>");
  EXPECT_THAT(second, HasSubstr("startWithSAP=\"1\">\n      <SupplementalProperty "
                                "schemeIdUri=\"urn:mpeg:dash:period-continuity:2015\" value=\"0\"/>\n"));
  EXPECT_THAT(second, HasSubstr("<AdaptationSet id=\"0\" contentType=\"video\""));
  // Of other headers, so of another name; the rendition that keeps its headers keeps its name.
  EXPECT_THAT(second, HasSubstr("<Representation id=\"720p-2\" "));
  EXPECT_THAT(second, HasSubstr("codecs=\"avc1.640028\""));
  EXPECT_THAT(second, HasSubstr("<SegmentTemplate timescale=\"90000\" presentationTimeOffset=\"720000\" "
                                "initialization=\"720p/init-2.mp4\" media=\"720p/$Number%05d$.m4s\" "
                                "startNumber=\"3\">\n"
                                "          <SegmentTimeline>\n"
                                "            <S t=\"720000\" d=\"360000\"/>\n"
                                "            <S d=\"90000\"/>\n"));
  EXPECT_THAT(second, HasSubstr("<Representation id=\"360p\" "));
  EXPECT_THAT(second, HasSubstr("presentationTimeOffset=\"720000\" initialization=\"360p/init.mp4\""));
  // The sound that is heard at 8 s began before, in the second segment.
  EXPECT_THAT(second, HasSubstr("<SegmentTemplate timescale=\"48000\" presentationTimeOffset=\"384000\" "
                                "initialization=\"audio/init.mp4\" media=\"audio/$Number%05d$.m4s\" "
                                "startNumber=\"2\">\n"
                                "          <SegmentTimeline>\n"
                                "            <S t=\"192512\" d=\"192512\"/>\n"
                                "            <S d=\"192000\"/>\n"
                                "            <S d=\"47000\"/>\n"));
  EXPECT_THAT(second, HasSubstr("<AdaptationSet id=\"2\" contentType=\"text\""));
  EXPECT_THAT(second, HasSubstr("<SegmentBase timescale=\"90000\" presentationTimeOffset=\"720000\"/>"));
  EXPECT_THAT(text, Not(HasSubstr("Period id=\"2\"")));
}

TEST(DashManifest, HeadersThatComeBackHaveTheirFirstName) {
  AdaptiveTrack track = track_with({{0, 360'000}, {360'000, 360'000}, {720'000, 360'000}});
  track.segments[1].headers = 1;
  const std::string text = manifest({track}, 4);
  const std::string third = part_of(text, "<Period id=\"2\" start=\"PT8.000000S\">", "</Period>");
  EXPECT_THAT(third, HasSubstr("<Representation id=\"720p\" "));
  EXPECT_THAT(third, HasSubstr("720p/init.mp4"));
  EXPECT_THAT(third, HasSubstr("period-continuity:2015\" value=\"1\""));
}

TEST(DashManifest, SoundsToChooseFromHaveNamesAndRoles) {
  AdaptiveTrack sound = track_with({{0, 10}});
  sound.sound = true;
  sound.language = "en";
  sound.label = "English";
  EXPECT_THAT(manifest({sound}, 4), Not(HasSubstr("Role")));
  sound.is_default = true;
  AdaptiveTrack other = sound;
  other.is_default = false;
  other.language = "es";
  other.label = "Spanish <&>";
  const std::string text = manifest({sound, other}, 4);
  EXPECT_THAT(text, HasSubstr(" lang=\"en\">\n"
                              "      <Label>English</Label>\n"
                              "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\n"));
  EXPECT_THAT(text, HasSubstr("      <Label>Spanish &lt;&amp;&gt;</Label>\n"
                              "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"alternate\"/>\n"));
}

TEST(DashManifest, SubtitlesLieBesideTheSegments) {
  EXPECT_THAT(
      manifest({track_with({{0, 8 * 90'000}})}, 4,
               {{"subtitles-de", "subtitles-de", "Deutsch", "de", false, false, 1001}}),
      HasSubstr("    <AdaptationSet id=\"1\" contentType=\"text\" mimeType=\"text/vtt\" lang=\"de\">\n"
                "      <Label>Deutsch</Label>\n"
                "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"subtitle\"/>\n"
                "      <Representation id=\"subtitles-de\" bandwidth=\"1001\">\n"
                "        <BaseURL>subtitles-de/subtitles.vtt</BaseURL>\n"
                "      </Representation>\n"
                "    </AdaptationSet>\n"
                "  </Period>\n"));
}

}  // namespace
}  // namespace millrace::engine
