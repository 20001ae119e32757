#include "engine/plan/subtitle_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

OtherTrack text(const std::string& codec, const std::string& language, const std::string& title = "") {
  OtherTrack track;
  track.kind = "subtitle";
  track.codec = codec;
  track.language = language;
  track.title = title;
  return track;
}

Source with(std::vector<OtherTrack> tracks) {
  Source source = test::full_hd();
  source.other = std::move(tracks);
  int index = 2;
  for (OtherTrack& track : source.other) track.index = index++;
  return source;
}

std::vector<std::string> names(const std::vector<PlannedSubtitle>& subtitles) {
  std::vector<std::string> all;
  for (const PlannedSubtitle& each : subtitles) all.push_back(each.folder + "|" + each.name);
  return all;
}

TEST(SubtitlePlanner, TextTracksAndFilesBecomeWebVtt) {
  const Source source =
      with({text("subrip", "eng"), text("mov_text", "spa", "Comentarios"), text("ass", "")});
  const std::vector<SubtitleFile> files = {{"file:///a/de.srt", "de", ""}, {"file:///a/x.srt", "", "Songs"}};
  const auto subtitles = plan_subtitles(source, files, "abr");
  EXPECT_THAT(names(subtitles),
              ElementsAre("abr/subtitles-eng|English", "abr/subtitles-spa|Comentarios",
                          "abr/subtitles|Subtitles", "abr/subtitles-de|German", "abr/subtitles-2|Songs"));
  EXPECT_EQ(subtitles[1].source_stream, 3);
  EXPECT_EQ(subtitles[1].language, "spa");
  EXPECT_EQ(subtitles[1].url, "");
  EXPECT_EQ(subtitles[3].source_stream, -1);
  EXPECT_EQ(subtitles[3].url, "file:///a/de.srt");
}

TEST(SubtitlePlanner, NamesAndFoldersAreUnique) {
  const Source source = with({text("subrip", "eng"), text("subrip", "en"), text("subrip", "eng"),
                              text("subrip", "tlh"), text("subrip", "eng", "English 2")});
  EXPECT_THAT(
      names(plan_subtitles(source, {}, "abr")),
      ElementsAre("abr/subtitles-eng|English", "abr/subtitles-en|English 2", "abr/subtitles-eng-2|English 3",
                  "abr/subtitles-tlh|tlh", "abr/subtitles-eng-3|English 2 2"));
}

TEST(SubtitlePlanner, OneIsTheDefaultAndForcedStaysForced) {
  std::vector<OtherTrack> tracks = {text("subrip", "eng"), text("subrip", "spa"), text("subrip", "fra")};
  tracks[1].is_default = tracks[2].is_default = true;
  tracks[2].forced = true;
  const auto subtitles = plan_subtitles(with(tracks), {}, "abr");
  EXPECT_FALSE(subtitles[0].is_default);
  EXPECT_TRUE(subtitles[1].is_default);
  EXPECT_FALSE(subtitles[2].is_default);
  EXPECT_TRUE(subtitles[2].forced);
}

TEST(SubtitlePlanner, WhatAFileSaysCannotBreakAPlaylistOrAPath) {
  const Source source = with({text("subrip", "../../etc", "say \"hi\"\r\n#EXT-X-END"),
                              text("subrip", "eng", std::string(63, 'a') + "\xC3\xA4rger"),
                              text("subrip", "eng", "bad \xff bytes"), text("subrip", "spa", " \t ")});
  EXPECT_THAT(names(plan_subtitles(source, {}, "abr")),
              ElementsAre("abr/subtitles|say 'hi'  #EXT-X-END", "abr/subtitles-eng|" + std::string(63, 'a'),
                          "abr/subtitles-eng-2|bad \xEF\xBF\xBD bytes", "abr/subtitles-spa|Spanish"));
}

TEST(SubtitlePlanner, OtherTracksAreNone) {
  OtherTrack data = text("bin_data", "eng");
  data.kind = "data";
  EXPECT_THAT(
      plan_subtitles(with({data, text("hdmv_pgs_subtitle", "eng"), text("dvb_teletext", "")}), {}, "abr"),
      IsEmpty());
}

TEST(SubtitlePlanner, WhatIsDroppedIsNamedWithTheReason) {
  OtherTrack data = text("bin_data", "");
  data.kind = "data";
  const Source source =
      with({text("hdmv_pgs_subtitle", "eng"), data, text("dvb_teletext", ""), text("subrip", "spa")});
  const auto decisions = subtitle_decisions(source, {});
  ASSERT_EQ(decisions.size(), 3U);
  EXPECT_EQ(decisions[0].choice, "stream 2 (hdmv_pgs_subtitle, eng) is dropped");
  EXPECT_THAT(decisions[0].reason, HasSubstr("made of pictures"));
  EXPECT_EQ(decisions[1].choice, "stream 4 (dvb_teletext) is dropped");
  EXPECT_THAT(decisions[1].reason, HasSubstr("cannot be read here"));
  EXPECT_THAT(decisions[2].reason, HasSubstr("no output takes it"));
}

TEST(SubtitlePlanner, WhatIsMadeIsToldWithItsOrigin) {
  OtherTrack track = text("subrip", "eng");
  track.is_default = track.forced = true;
  const Source source = with({track});
  const std::vector<SubtitleFile> files = {{"file:///a/de.srt", "de", ""}};
  const auto decisions = subtitle_decisions(source, plan_subtitles(source, files, "abr"));
  ASSERT_EQ(decisions.size(), 2U);
  EXPECT_EQ(decisions[0].stage, "subtitles abr/subtitles-eng");
  EXPECT_EQ(decisions[0].choice, "WebVTT \"English\", default, forced");
  EXPECT_EQ(decisions[0].reason, "from stream 2");
  EXPECT_EQ(decisions[1].reason, "from file:///a/de.srt");
}

}  // namespace
}  // namespace millrace::engine
