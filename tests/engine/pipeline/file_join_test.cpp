#include <gmock/gmock.h>

#include "engine/base/file.h"
#include "tests/engine/backend/fake_device.h"
#include "tests/engine/pipeline/file_sample.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Kind {
  Container container;
  VideoCodec codec;
  AudioCodec sound;
  const char* tag;  // of the pictures; null: any
};

class FileJoinTest : public FileSampleTest {
 protected:
  // Makes the segments and joins them.
  void make_segments(const Kind& kind) {
    make_source("in.mp4", flashes(), beeps());
    plan_.renditions.resize(1);
    plan_.renditions[0].codec = kind.codec;
    plan_.sounds[0].codec = kind.sound;
    plan_.sounds[0].language = "eng";
    const auto pictures = run_range({plan_, 0, -1, out_, {}}, observer_, {});
    ASSERT_TRUE(pictures.ok()) << to_string(pictures.status());
    const auto sound = run_sound({plan_, 0, out_}, observer_, {});
    ASSERT_TRUE(sound.ok()) << to_string(sound.status());
    PlannedOutput& output =
        add_output("web." + std::string(name_of(kind.container)), PlannedOutput::Type::file);
    output.container = kind.container;
    output.in_one_go.reset();
    output.renditions = {"large"};
    output.sounds = {"audio"};
    segments_ = {{"large", 4}, {"audio", 4}};
  }
  std::map<std::string, std::int64_t> segments_;
};

class EveryContainer : public FileJoinTest, public testing::WithParamInterface<Kind> {};

TEST_P(EveryContainer, PictureAndSoundAreInStep) {
  make_segments(GetParam());
  const auto played = made(segments_);
  ASSERT_THAT(played, SizeIs(2));
  EXPECT_EQ(played[0].codec, std::string(name_of(GetParam().codec)));
  EXPECT_EQ(played[1].codec, std::string(name_of(GetParam().sound)));
  EXPECT_EQ(played[1].language, "eng");
  if (GetParam().tag != nullptr) {
    EXPECT_EQ(played[0].tag, GetParam().tag);
  }
  ASSERT_THAT(played[0].track.frames, SizeIs(100));
  for (int at = 0; at < 100; ++at) EXPECT_EQ(played[0].track.frames[static_cast<std::size_t>(at)].number, at);
  expect_in_step(played);
  EXPECT_NEAR(static_cast<double>(played[1].track.samples.size()), 4 * 48'000, 2 * 1024);
  EXPECT_EQ(record_.frames, 100);
  EXPECT_EQ(record_.frames_in, 100);
  EXPECT_EQ(record_.duration, 4 * kTicksPerSecond);
}

INSTANTIATE_TEST_SUITE_P(Files, EveryContainer,
                         testing::Values(Kind{Container::mp4, VideoCodec::h264, AudioCodec::aac, "avc1"},
                                         Kind{Container::mp4, VideoCodec::hevc, AudioCodec::aac, "hvc1"},
                                         Kind{Container::mp4, VideoCodec::av1, AudioCodec::aac, "av01"},
                                         Kind{Container::mp4, VideoCodec::vp9, AudioCodec::aac, "vp09"},
                                         Kind{Container::mov, VideoCodec::h264, AudioCodec::aac, "avc1"},
                                         Kind{Container::mov, VideoCodec::hevc, AudioCodec::aac, "hvc1"},
                                         Kind{Container::mkv, VideoCodec::h264, AudioCodec::aac, nullptr},
                                         Kind{Container::mkv, VideoCodec::hevc, AudioCodec::aac, nullptr},
                                         Kind{Container::mkv, VideoCodec::vp9, AudioCodec::aac, nullptr},
                                         Kind{Container::ts, VideoCodec::h264, AudioCodec::aac, nullptr},
                                         Kind{Container::ts, VideoCodec::hevc, AudioCodec::aac, nullptr},
                                         Kind{Container::webm, VideoCodec::vp9, AudioCodec::opus, nullptr},
                                         Kind{Container::webm, VideoCodec::av1, AudioCodec::opus, nullptr}),
                         [](const auto& each) {
                           return std::string(name_of(each.param.container)) + "_" +
                                  std::string(name_of(each.param.codec));
                         });

// The first two segments by the encoder of a device, the others by the CPU's.
class FileOfTwoEncoders : public FileJoinTest, public testing::WithParamInterface<Kind> {
 protected:
  void make_segments_of_two() {
    make_segments(GetParam());
    ASSERT_TRUE(remove_tree(out_ / "large").ok());
    Plan on_device = plan_;
    on_device.renditions[0].encode_device = test::kFakeDevice;
    const auto backend = test::with_fake_device([](const auto&, std::int64_t) { return Status(); });
    const auto first = run_range_on(backend, {on_device, 0, 2, out_, {}}, observer_, {});
    ASSERT_TRUE(first.ok()) << to_string(first.status());
    Plan on_cpu = plan_;
    on_cpu.renditions[0].stepped_down = true;
    const auto second = run_range({on_cpu, 2, -1, out_, {}}, observer_, {});
    ASSERT_TRUE(second.ok()) << to_string(second.status());
    headers_ = {{"large", {0, 0, 1, 1}}};
    for (std::size_t at = 4; at < 8; ++at)  // the first four are of make_segments()
      EXPECT_EQ(observer_.tracks["large"][at].headers, headers_["large"][at - 4]);
  }
  std::map<std::string, std::vector<std::int64_t>> headers_;
};

TEST_P(FileOfTwoEncoders, ShowsEveryPictureAtItsTime) {
  make_segments_of_two();
  const auto end = run_output({plan_, 0, out_, segments_, headers_}, observer_, {});
  ASSERT_TRUE(end.ok()) << to_string(end.status());
  const auto played = test::play_file(out_ / plan_.outputs[0].path);
  ASSERT_THAT(played, SizeIs(2));
  if (GetParam().tag != nullptr) {
    EXPECT_EQ(played[0].tag, GetParam().tag);
  }
  ASSERT_THAT(played[0].track.frames, SizeIs(100));
  const double zero = played[0].track.frames[0].seconds;
  for (int at = 0; at < 100; ++at) {
    EXPECT_EQ(played[0].track.frames[static_cast<std::size_t>(at)].number, at);
    EXPECT_NEAR(played[0].track.frames[static_cast<std::size_t>(at)].seconds - zero, at / 25.0, 0.0011);
  }
  expect_in_step(played);
}

INSTANTIATE_TEST_SUITE_P(Files, FileOfTwoEncoders,
                         testing::Values(Kind{Container::mp4, VideoCodec::h264, AudioCodec::aac, "avc3"},
                                         Kind{Container::mp4, VideoCodec::hevc, AudioCodec::aac, "hev1"},
                                         Kind{Container::mp4, VideoCodec::av1, AudioCodec::aac, "av01"},
                                         Kind{Container::mov, VideoCodec::h264, AudioCodec::aac, "avc3"},
                                         Kind{Container::mov, VideoCodec::hevc, AudioCodec::aac, "hev1"},
                                         Kind{Container::mkv, VideoCodec::h264, AudioCodec::aac, nullptr},
                                         Kind{Container::mkv, VideoCodec::hevc, AudioCodec::aac, nullptr},
                                         Kind{Container::ts, VideoCodec::h264, AudioCodec::aac, nullptr},
                                         Kind{Container::ts, VideoCodec::hevc, AudioCodec::aac, nullptr}),
                         [](const auto& each) {
                           return std::string(name_of(each.param.container)) + "_" +
                                  std::string(name_of(each.param.codec));
                         });

constexpr Kind kPlain{Container::mp4, VideoCodec::h264, AudioCodec::aac, nullptr};

TEST_F(FileJoinTest, GaplessWhereTheContainerAllows) {
  make_segments(kPlain);
  const auto played = made(segments_);
  ASSERT_THAT(played, SizeIs(2));
  EXPECT_NEAR(played[1].track.first_sample_seconds, 0, 1e-9);
  EXPECT_NEAR(played[0].track.frames[0].seconds, 0, 1e-9);
}

TEST_F(FileJoinTest, ASoundWithoutSegmentsIsLeftOut) {
  make_segments(kPlain);
  segments_["audio"] = 0;
  EXPECT_THAT(made(segments_), SizeIs(1));
}

TEST_F(FileJoinTest, HeadersOfOtherSegmentsThanThereAreAreRefused) {
  make_segments(kPlain);
  for (const auto& headers : {std::vector<std::int64_t>{0, 0, 1}, {0, 0, 0, -1}}) {
    const auto end = run_output({plan_, 0, out_, segments_, {{"large", headers}}}, observer_, {});
    EXPECT_EQ(end.status().code(), Code::invalid_argument);
  }
}

TEST_F(FileJoinTest, ASegmentThatIsMissingIsNamedAndNoFileStays) {
  make_segments(kPlain);
  fs::remove(out_ / "large/00003.m4s");
  const auto end = run(segments_);
  EXPECT_EQ(end.status().code(), Code::not_found);
  EXPECT_THAT(end.status().message(), HasSubstr("large/00003.m4s"));
  EXPECT_FALSE(fs::exists(out_ / "web.mp4"));
  EXPECT_FALSE(fs::exists(out_ / "web.mp4.tmp"));
}

TEST_F(FileJoinTest, PicturesWithoutAnySegmentAreAFailure) {
  make_segments(kPlain);
  segments_.erase("large");
  EXPECT_THAT(run(segments_).status().message(), HasSubstr("no segment of large is finished"));
}

TEST_F(FileJoinTest, IsMadeAnewWhenItIsRunAgain) {
  make_segments(kPlain);
  ASSERT_TRUE(make_directories(out_).ok());
  ASSERT_TRUE(write_file(out_ / "web.mp4.tmp", "what an earlier try left").ok());
  made(segments_);
  const std::string first = record_.sha256;
  observer_.tracks.clear();
  made(segments_);
  EXPECT_EQ(record_.sha256, first);
}

TEST_F(FileJoinTest, StopsOnRequest) {
  make_segments(kPlain);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run_output({plan_, 0, out_, segments_}, observer_, stop.get_token()).status().code(),
            Code::cancelled);
  EXPECT_FALSE(fs::exists(out_ / "web.mp4.tmp"));
}

TEST_F(FileJoinTest, AnOutputThatIsNotInThePlanIsRefused) {
  make_segments(kPlain);
  EXPECT_EQ(run_output({plan_, 7, out_, {}}, observer_, {}).status().code(), Code::invalid_argument);
  plan_.outputs[0].type = PlannedOutput::Type::adaptive;
  EXPECT_EQ(run(segments_).status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace millrace::engine
