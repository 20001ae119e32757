#include "bench/ladder_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using ::testing::HasSubstr;

std::string video(const std::string& more = "") {
  return R"({"index": 0, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080, "pix_fmt": "yuv420p",
    "sample_aspect_ratio": "1:1", "field_order": "progressive", "r_frame_rate": "30000/1001",
    "avg_frame_rate": "30000/1001", "duration": "62.28", "disposition": {"default": 1, "attached_pic": 0})" +
         more + "}";
}
constexpr const char* kAudio =
    R"({"index": 1, "codec_type": "audio", "codec_name": "aac", "channel_layout": "5.1", "disposition": {"default": 1}})";

std::string document(const std::string& streams) {
  return R"({"streams": [)" + streams + R"(], "format": {"duration": "63.5"}})";
}
Result<LadderSource> read(const std::string& streams) {
  return source_from_ffprobe(document(streams), "/m/in.mp4");
}

TEST(LadderSource, ReadsWhatTheComparisonNeeds) {
  const Result<LadderSource> source = read(video() + "," + kAudio);
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ(source->picture, (engine::PictureSize{1920, 1080}));
  EXPECT_EQ(source->frame_rate, (engine::Rational{30000, 1001}));
  EXPECT_TRUE(source->constant_rate);
  EXPECT_DOUBLE_EQ(source->seconds, 62.28);
  EXPECT_EQ(source->audio_stream, 1);
  EXPECT_EQ(describe(*source), "62.3 s, 1920x1080, 29.97 fps, h264, aac 5.1");
}

TEST(LadderSource, MayBeSilent) {
  const Result<LadderSource> source = read(video());
  ASSERT_TRUE(source.ok());
  EXPECT_FALSE(source->audio_stream);
  EXPECT_THAT(describe(*source), HasSubstr("silent"));
}

TEST(LadderSource, TakesTheDefaultTrackAndNoCover) {
  const std::string cover =
      R"({"index": 5, "codec_type": "video", "codec_name": "mjpeg", "disposition": {"attached_pic": 1, "default": 1}})";
  const std::string other =
      R"({"index": 7, "codec_type": "audio", "codec_name": "mp3", "channel_layout": "mono", "disposition": {"default": 0}})";
  const Result<LadderSource> source = read(cover + "," + other + "," + video() + "," + kAudio);
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ(source->video_stream, 0);
  EXPECT_EQ(source->audio_stream, 1);
}

TEST(LadderSource, TakesTheFirstTrackWhereNoneIsTheDefault) {
  const std::string first =
      R"({"index": 3, "codec_type": "audio", "codec_name": "mp3", "channel_layout": "mono"})";
  const std::string second =
      R"({"index": 4, "codec_type": "audio", "codec_name": "aac", "channel_layout": "mono"})";
  EXPECT_EQ(read(video() + "," + first + "," + second).value().audio_stream, 3);
}

TEST(LadderSource, TakesTheContainersDurationWhereTheTrackHasNone) {
  std::string text = video();
  text.replace(text.find(R"("duration": "62.28",)"), 20, "");
  EXPECT_DOUBLE_EQ(read(text).value().seconds, 63.5);
}

TEST(LadderSource, RefusesWhatOneSideWouldHaveToNormalise) {
  struct Case {
    const char* from;
    const char* to;
    const char* says;
  };
  const Case cases[] = {
      {"yuv420p", "yuv420p10le", "pixel format is yuv420p10le"},
      {"progressive", "tt", "interlaced"},
      {R"("1:1")", R"("4:3")", "not square (4:3)"},
      {R"("disposition")", R"("side_data_list": [{"rotation": -90}], "disposition")", "turned"}};
  for (const Case& c : cases) {
    std::string text = video();
    text.replace(text.find(c.from), std::string(c.from).size(), c.to);
    const Result<LadderSource> source = read(text);
    ASSERT_FALSE(source.ok()) << c.to;
    EXPECT_EQ(source.status().code(), Code::unsupported);
    EXPECT_THAT(source.status().message(), HasSubstr(c.says));
    EXPECT_THAT(source.status().message(), HasSubstr("/m/in.mp4: "));
  }
}

TEST(LadderSource, RefusesWhatHasNoVideoOrSaysTooLittle) {
  EXPECT_THAT(read(kAudio).status().message(), HasSubstr("no video"));
  EXPECT_EQ(source_from_ffprobe("{}", "/m/in.mp4").status().code(), Code::corrupt_input);
  EXPECT_EQ(source_from_ffprobe("not json", "/m/in.mp4").status().code(), Code::corrupt_input);
  std::string text = video();
  text.replace(text.find("1920"), 4, "0");
  EXPECT_THAT(read(text).status().message(), HasSubstr("does not say its size"));
}

TEST(LadderSource, NamesWithADashAreNoOptions) {
  EXPECT_EQ(ffprobe_command("ffprobe", "-x.mp4").back(), "file:-x.mp4");
}

}  // namespace
}  // namespace millrace::bench
