#include "engine/pipeline/inspect.h"

#include <gmock/gmock.h>

#include "engine/base/file.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using test::make_sample;
using testing::HasSubstr;

class InspectTest : public testing::Test {
 protected:
  std::string text_of_refusal(const std::filesystem::path& path, Code code) {
    const auto source = inspect(path);
    EXPECT_FALSE(source.ok());
    EXPECT_EQ(source.status().code(), code) << to_string(source.status());
    EXPECT_THAT(source.status().message(), HasSubstr(path.native()));
    return source.status().message();
  }
  const test::TempFolder folder_;
};

TEST_F(InspectTest, TellsPictureAndSound) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{}, test::SampleSound{});
  const auto source = inspect("file://" + (folder_ / "a.mp4").native());
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_THAT(source->container, HasSubstr("mp4"));
  EXPECT_TRUE(source->can_seek);
  EXPECT_NEAR(source->duration_seconds, 2, 0.05);
  const VideoTrack* video = source->main_video();
  ASSERT_NE(video, nullptr);
  EXPECT_EQ(video->codec, "h264");
  EXPECT_EQ(video->width, 96);
  EXPECT_EQ(video->height, 64);
  EXPECT_EQ(video->frame_rate, (Rational{25, 1}));
  EXPECT_FALSE(video->variable_frame_rate);
  EXPECT_FALSE(video->interlaced);
  EXPECT_EQ(video->pixel_format, "yuv420p");
  EXPECT_EQ(video->frame_count, 50);
  EXPECT_EQ(video->rotation_degrees, 0);
  const AudioTrack* audio = source->main_audio();
  ASSERT_NE(audio, nullptr);
  EXPECT_EQ(audio->codec, "aac");
  EXPECT_EQ(audio->channels, 2);
  EXPECT_EQ(audio->sample_rate, 48'000);
}

TEST_F(InspectTest, SeesAVariableRateInMp4AndMatroska) {
  test::SampleVideo video;
  video.pts.clear();
  for (int i = 0; i < video.frames; ++i) video.pts.push_back(i * 3600 + (i >= 20 ? 54'000 : 0));
  for (const char* name : {"v.mp4", "v.mkv"}) {
    make_sample(folder_ / name, video);
    const auto source = inspect(folder_ / name);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    EXPECT_TRUE(source->main_video()->variable_frame_rate) << name;
  }
}

TEST_F(InspectTest, FindsTheExactRateInMatroskasMilliseconds) {
  test::SampleVideo video;
  video.rate = 30000;
  video.rate_base = 1001;
  make_sample(folder_ / "a.mkv", video);
  const auto source = inspect(folder_ / "a.mkv");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_EQ(source->main_video()->frame_rate, (Rational{30000, 1001}));
  EXPECT_FALSE(source->main_video()->variable_frame_rate);
}

TEST_F(InspectTest, SeesInterlacedFramesAndRotation) {
  test::SampleVideo video;
  video.encoder = "mpeg2video";
  video.interlaced = true;
  make_sample(folder_ / "i.ts", video);
  const auto interlaced = inspect(folder_ / "i.ts");
  ASSERT_TRUE(interlaced.ok()) << to_string(interlaced.status());
  EXPECT_TRUE(interlaced->main_video()->interlaced);
  EXPECT_TRUE(interlaced->main_video()->top_field_first);
  EXPECT_FALSE(interlaced->can_seek);

  test::SampleVideo turned;
  turned.rotation_degrees = 90;
  make_sample(folder_ / "r.mp4", turned);
  const auto source = inspect(folder_ / "r.mp4");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_EQ(source->main_video()->rotation_degrees, 90);
  EXPECT_FALSE(source->main_video()->mirrored);
}

TEST_F(InspectTest, GivesARawStreamItsDefaultRate) {
  make_sample(folder_ / "a.h264", test::SampleVideo{});
  const auto source = inspect(folder_ / "a.h264");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_TRUE(source->main_video()->frame_rate.known());
  EXPECT_FALSE(source->can_seek);
}

TEST_F(InspectTest, TakesAContainerByItsContent) {
  make_sample(folder_ / "a.mkv", test::SampleVideo{});
  std::filesystem::rename(folder_ / "a.mkv", folder_ / "a.mp4");
  const auto source = inspect(folder_ / "a.mp4");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_THAT(source->container, HasSubstr("matroska"));
}

TEST_F(InspectTest, SaysWhatIsNoMedia) {
  text_of_refusal(folder_ / "none.mp4", Code::not_found);
  EXPECT_THAT(text_of_refusal(folder_.path(), Code::invalid_argument), HasSubstr("a folder"));
  ASSERT_TRUE(write_file(folder_ / "empty.mp4", "").ok());
  EXPECT_THAT(text_of_refusal(folder_ / "empty.mp4", Code::corrupt_input), HasSubstr("empty"));
  ASSERT_TRUE(write_file(folder_ / "text.mp4", "Dear diary,\nnothing happened today.\n").ok());
  EXPECT_THAT(text_of_refusal(folder_ / "text.mp4", Code::corrupt_input), HasSubstr("not a media file"));
}

TEST_F(InspectTest, OpensNoOtherFile) {
  make_sample(folder_ / "a.ts", test::SampleVideo{});
  ASSERT_TRUE(write_file(folder_ / "list.m3u8",
                         "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\na.ts\n#EXT-X-ENDLIST\n")
                  .ok());
  EXPECT_THAT(text_of_refusal(folder_ / "list.m3u8", Code::unsupported), HasSubstr("playlist"));
  ASSERT_TRUE(write_file(folder_ / "list.txt", "ffconcat version 1.0\nfile a.ts\n").ok());
  text_of_refusal(folder_ / "list.txt", Code::unsupported);
  EXPECT_EQ(inspect("concat:" + (folder_ / "a.ts").native()).status().code(), Code::not_found);
}

TEST_F(InspectTest, FindsAFileThatIsCutShort) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{}, test::SampleSound{});
  const std::string bytes = read_file(folder_ / "a.mp4").value();
  ASSERT_TRUE(write_file(folder_ / "lost.mp4", std::string_view(bytes).substr(0, bytes.size() / 2)).ok());
  EXPECT_THAT(text_of_refusal(folder_ / "lost.mp4", Code::corrupt_input), HasSubstr("moov"));
}

TEST_F(InspectTest, StopsOnRequest) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(inspect(folder_ / "a.mp4", stop.get_token()).status().code(), Code::cancelled);
}

}  // namespace
}  // namespace millrace::engine
