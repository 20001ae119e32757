#include "engine/pipeline/hls_playlist.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string text_of_refusal(const std::string& text, Code code) {
  const auto playlist = parse_hls(text);
  EXPECT_FALSE(playlist.ok()) << text;
  EXPECT_EQ(playlist.status().code(), code) << to_string(playlist.status());
  return playlist.status().message();
}

TEST(HlsPlaylist, NamesItsSegments) {
  const auto playlist = parse_hls(
      "\xef\xbb\xbf#EXTM3U\r\n#EXT-X-VERSION:3\r\n#EXTINF:4.000000,a title\r\n0.ts\r\n\r\n# a comment\r\n"
      "#EXTINF:2.5\r\nsub/1.ts?x=1\r\n#EXT-X-ENDLIST\r\n");
  ASSERT_TRUE(playlist.ok()) << to_string(playlist.status());
  EXPECT_THAT(playlist->parts, ElementsAre(HlsPart{"0.ts", 0, 0}, HlsPart{"sub/1.ts?x=1", 0, 0}));
  EXPECT_DOUBLE_EQ(playlist->seconds, 6.5);
  EXPECT_TRUE(playlist->exact);
}

TEST(HlsPlaylist, PutsTheHeaderFirstAndJoinsByteRanges) {
  const auto playlist = parse_hls(
      "#EXTM3U\n#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"700@0\"\n#EXTINF:4.0,\n#EXT-X-BYTERANGE:1000@700\na."
      "mp4\n"
      "#EXTINF:4.0,\n#EXT-X-BYTERANGE:500\na.mp4\n#EXT-X-ENDLIST\n");
  ASSERT_TRUE(playlist.ok()) << to_string(playlist.status());
  EXPECT_THAT(playlist->parts, ElementsAre(HlsPart{"a.mp4", 0, 700}, HlsPart{"a.mp4", 700, 1000},
                                           HlsPart{"a.mp4", 1700, 500}));
}

TEST(HlsPlaylist, ChoosesTheLargestPictureAndItsSounds) {
  const auto playlist = parse_hls(
      "#EXTM3U\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"English, plain\",LANGUAGE=\"en\",URI=\"en.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"Deutsch\",LANGUAGE=\"de\",DEFAULT=YES,URI=\"de.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"b\",NAME=\"low\",URI=\"low.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"English\",URI=\"s.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=640x360,AUDIO=\"b\",CODECS=\"avc1.4d401e,mp4a.40."
      "2\"\nlow.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1920x1080,AUDIO=\"a\"\nmid.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080,AUDIO=\"a\"\nhigh.m3u8\n");
  ASSERT_TRUE(playlist.ok()) << to_string(playlist.status());
  ASSERT_TRUE(playlist->is_master());
  const HlsVariant& largest = largest_of(*playlist);
  EXPECT_EQ(largest.url, "high.m3u8");
  const auto sounds = sounds_of(*playlist, largest);
  ASSERT_EQ(sounds.size(), 2U);
  EXPECT_EQ(sounds[0].url, "de.m3u8");
  EXPECT_EQ(sounds[1].name, "English, plain");
}

TEST(HlsPlaylist, KnowsWhenItsLengthsAreRough) {
  EXPECT_FALSE(parse_hls("#EXTM3U\n#EXTINF:4,\n0.ts\n#EXT-X-ENDLIST\n")->exact);
  EXPECT_FALSE(
      parse_hls("#EXTM3U\n#EXTINF:4.0,\n0.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4.0,\n1.ts\n#EXT-X-ENDLIST\n")
          ->exact);
}

TEST(HlsPlaylist, RefusesWhatItDoesNotRead) {
  const std::string one = "#EXTM3U\n#EXTINF:4.0,\n0.ts\n";
  EXPECT_THAT(text_of_refusal(one, Code::unsupported), HasSubstr("live playlist"));
  EXPECT_THAT(
      text_of_refusal("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:4.0,\n0.ts\n#EXT-X-ENDLIST\n",
                      Code::unsupported),
      HasSubstr("encrypted"));
  EXPECT_THAT(text_of_refusal(one + "#EXT-X-MAP:URI=\"i.mp4\"\n#EXT-X-ENDLIST\n", Code::unsupported),
              HasSubstr("EXT-X-MAP"));
  EXPECT_THAT(text_of_refusal("#EXTM3U\n#EXT-X-GAP\n#EXTINF:4.0,\n0.ts\n#EXT-X-ENDLIST\n", Code::unsupported),
              HasSubstr("EXT-X-GAP"));
  EXPECT_TRUE(parse_hls("#EXTM3U\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:4.0,\n0.ts\n#EXT-X-ENDLIST\n").ok());
}

TEST(HlsPlaylist, RefusesWhatBreaksTheRulesWithItsLine) {
  EXPECT_THAT(text_of_refusal("ffconcat version 1.0\nfile a.mp4\n", Code::corrupt_input),
              HasSubstr("#EXTM3U"));
  EXPECT_THAT(text_of_refusal("#EXTM3U\n0.ts\n#EXT-X-ENDLIST\n", Code::corrupt_input), HasSubstr("line 2"));
  EXPECT_THAT(text_of_refusal("#EXTM3U\n#EXT-X-ENDLIST\n", Code::corrupt_input), HasSubstr("no segment"));
  for (const char* length : {"", "x", "-4", "inf", "nan", "1e308"})
    text_of_refusal(std::string("#EXTM3U\n#EXTINF:") + length + ",\n0.ts\n#EXT-X-ENDLIST\n",
                    Code::corrupt_input);
  for (const char* range :
       {"", "0@0", "-1@0", "10", "10@x", "99999999999999999999@0", "9000000000000000000@1"})
    text_of_refusal(
        std::string("#EXTM3U\n#EXTINF:4.0,\n#EXT-X-BYTERANGE:") + range + "\n0.ts\n#EXT-X-ENDLIST\n",
        Code::corrupt_input);
  std::string on_and_on = "#EXTM3U\n#EXTINF:4.0,\n#EXT-X-BYTERANGE:1000000000000000000@0\n0.ts\n";
  for (int i = 0; i < 10; ++i) on_and_on += "#EXTINF:4.0,\n#EXT-X-BYTERANGE:1000000000000000000\n0.ts\n";
  text_of_refusal(on_and_on + "#EXT-X-ENDLIST\n", Code::corrupt_input);
}

}  // namespace
}  // namespace millrace::engine
