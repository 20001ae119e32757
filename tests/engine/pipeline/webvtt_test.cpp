#include "engine/pipeline/webvtt.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

std::string described(const std::vector<Cue>& cues) {
  std::string text;
  for (const Cue& cue : cues)
    text += cue.text + " " + std::to_string(cue.start) + "-" + std::to_string(cue.end) + ";";
  return text;
}

TEST(Webvtt, TimesHaveHoursMinutesSecondsAndThousandths) {
  EXPECT_EQ(webvtt_time(0), "00:00:00.000");
  EXPECT_EQ(webvtt_time(3'723'045), "01:02:03.045");
  EXPECT_EQ(webvtt_time(360'000'000), "100:00:00.000");
}

TEST(Webvtt, AFileWithoutCuesIsItsHeader) { EXPECT_EQ(webvtt_file({}), "WEBVTT\n"); }

TEST(Webvtt, CuesAreSeparatedByAnEmptyLine) {
  const std::vector<Cue> cues = {{0, 1000, "", "one\ntwo"}, {1000, 2000, "line:0", "three"}};
  EXPECT_EQ(
      webvtt_file(cues),
      "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\none\ntwo\n\n00:00:01.000 --> 00:00:02.000 line:0\nthree\n");
}

TEST(Webvtt, EscapesWhatWouldBeMarkup) { EXPECT_EQ(webvtt_escaped("a<b> & -->"), "a&lt;b&gt; &amp; --&gt;"); }

TEST(Webvtt, NoLineOfACueIsEmpty) { EXPECT_EQ(without_empty_lines("\r\na\r\n \t\n\nb\n"), "a\nb"); }

TEST(Webvtt, CueTextIsSafeInAnotherFile) {
  EXPECT_EQ(cleaned_cue_text("<v Bob>Hi <00:00:01.500>there\n\n--> x</v>"), "<v Bob>Hi there\n--&gt; x</v>");
}

TEST(Webvtt, SettingsKeepWhatPlayersKnow) {
  EXPECT_EQ(cleaned_settings("region:fred line:0 position:10%,line-left align:start color:red --> x"),
            "line:0 position:10%,line-left align:start");
}

TEST(PlacedCues, AreMovedCutAndSorted) {
  const auto cues =
      placed({{3000, 4000, "", "b"}, {0, 1500, "", "a"}, {9000, 20'000, "", "c"}}, -1000, 10'000);
  EXPECT_EQ(described(cues), "a 0-500;b 2000-3000;c 8000-10000;");
}

TEST(PlacedCues, WhatLiesOutsideGoes) {
  const auto cues = placed(
      {{0, 1000, "", "a"}, {1000, 1000, "", "b"}, {2000, 1500, "", "c"}, {5000, 6000, "", "d"}}, -1000, 4000);
  EXPECT_EQ(described(cues), "");
}

TEST(PlacedCues, OverlapsStay) {
  const auto cues = placed({{0, 3000, "", "a"}, {1000, 2000, "", "b"}}, 0, 0);
  EXPECT_EQ(described(cues), "a 0-3000;b 1000-2000;");
}

TEST(PlacedCues, AnOpenEndIsTheNextCuesStart) {
  constexpr std::int64_t open = Cue::kOpen;
  EXPECT_EQ(described(placed({{0, open, "", "a"}, {0, open, "", "b"}, {1000, open, "", "c"}}, 0, 0)),
            "a 0-1000;b 0-1000;c 1000-6000;");
  EXPECT_EQ(described(placed({{1000, open, "", "a"}}, 0, 3000)), "a 1000-3000;");
}

TEST(PlacedCues, EmptyTextGoes) { EXPECT_TRUE(placed({{0, 1000, "", ""}}, 0, 0).empty()); }

}  // namespace
}  // namespace millrace::engine
