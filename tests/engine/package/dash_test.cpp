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
      dash_manifest({track_with({{0, 360'360}, {360'360, 360'360}, {720'720, 3003}}), sound}, 5),
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
  const std::string text = dash_manifest({track_with({{0, 10}}), track_with({{0, 10}}), sound, sound}, 4);
  EXPECT_THAT(text, HasSubstr("AdaptationSet id=\"2\""));
  EXPECT_THAT(text, Not(HasSubstr("AdaptationSet id=\"3\"")));
}

TEST(DashManifest, ASegmentLastsUntilTheNextOneBegins) {
  const std::string text = dash_manifest({track_with({{0, 90'000}, {93'000, 90'000}})}, 4);
  EXPECT_THAT(text, HasSubstr("<S t=\"0\" d=\"93000\"/>"));
  EXPECT_THAT(text, HasSubstr("<S d=\"90000\"/>"));
}

TEST(DashManifest, ManySegmentsAreOneEntry) {
  std::vector<std::pair<std::int64_t, std::int64_t>> many;
  for (std::int64_t index = 0; index < 1000; ++index) many.emplace_back(index * 360'000, 360'000);
  EXPECT_THAT(dash_manifest({track_with(many)}, 4),
              HasSubstr("<S t=\"0\" d=\"360000\" r=\"999\"/>\n          </"));
}

}  // namespace
}  // namespace millrace::engine
