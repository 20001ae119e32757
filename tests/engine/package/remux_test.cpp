#include "engine/package/remux.h"

#include <gmock/gmock.h>

#include "tests/engine/package/published_job.h"
#include "tests/support/played_file.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

Status go_on(double) { return {}; }

// 75 pictures of 3003 ticks, coded with two B-frames, and as much sound in AAC.
class JoinTest : public testing::TestWithParam<Container> {
 protected:
  JoinTrack files_of(const std::string& track) const {
    JoinTrack files;
    files.inits = {job_.folder / track / "init.mp4"};
    for (std::int64_t index = 0; index < 3; ++index)
      files.segments.push_back(job_.folder / track / segment_file_name(index));
    return files;
  }
  Result<std::vector<WrittenTrack>> join(Container container) const {
    return join_segments({files_of("abr/90p"), files_of("abr/audio")}, container, target_, go_on);
  }

  const test::PublishedJob job_;
  const fs::path target_ = job_.folder / "joined";
};

TEST_P(JoinTest, EveryPictureAndSampleIsThereAndInStep) {
  const auto written = join(GetParam());
  ASSERT_TRUE(written.ok()) << to_string(written.status());
  EXPECT_EQ(written->at(0).packets, 75);
  EXPECT_EQ(written->at(0).end, 75 * 3003);
  EXPECT_EQ(written->at(1).samples(), 120'120);
  const auto played = test::play_file(target_);
  ASSERT_THAT(played, SizeIs(2));
  const test::PlayedTrack& pictures = played[0].track;
  const test::PlayedTrack& sound = played[1].track;
  ASSERT_THAT(pictures.frames, SizeIs(75));
  const double zero = pictures.frames[0].seconds;
  for (std::size_t at = 0; at < 75; ++at)
    EXPECT_NEAR(pictures.frames[at].seconds - zero, static_cast<double>(at) * 3003 / 90'000, 0.0011);
  // Priming may be heard where a container cannot hide it; then it comes before its time.
  const double priming = static_cast<double>(sound.samples.size()) - 120'120 >= 1024 ? 1024 / 48'000.0 : 0;
  EXPECT_NEAR(sound.first_sample_seconds - zero, -priming, 0.0015);
  EXPECT_NEAR(static_cast<double>(sound.samples.size()), 120'120, 2048);
  EXPECT_EQ(played[1].language, GetParam() == Container::mov ? "ger" : "deu");
}

INSTANTIATE_TEST_SUITE_P(Containers, JoinTest,
                         testing::Values(Container::mp4, Container::mov, Container::mkv, Container::ts),
                         [](const auto& each) { return std::string(name_of(each.param)); });

TEST_F(JoinTest, Mp4HasItsIndexInFrontAndNoTraceOfTheMuxer) {
  ASSERT_TRUE(join(Container::mp4).ok());
  const std::string bytes = read_file(target_).value();
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
  EXPECT_THAT(bytes, Not(HasSubstr("Lavf")));
  const auto played = test::play_file(target_);
  EXPECT_NEAR(played[0].track.frames[0].seconds, 0, 1e-9);
  EXPECT_NEAR(played[1].track.first_sample_seconds, 0, 1e-9);
}

TEST_F(JoinTest, TheFirstSoundIsTheDefaultOne) {
  JoinTrack second = files_of("abr/audio");
  second.is_default = false;
  ASSERT_TRUE(
      join_segments({files_of("abr/90p"), files_of("abr/audio"), second}, Container::mkv, target_, go_on)
          .ok());
  const auto played = test::play_file(target_);
  ASSERT_THAT(played, SizeIs(3));
  EXPECT_TRUE(played[1].is_default);
  EXPECT_FALSE(played[2].is_default);
}

TEST_F(JoinTest, SoundAloneMakesAFile) {
  ASSERT_TRUE(join_segments({files_of("abr/audio")}, Container::mp4, target_, go_on).ok());
  const auto played = test::play_file(target_);
  ASSERT_THAT(played, SizeIs(1));
  EXPECT_NEAR(static_cast<double>(played[0].track.samples.size()), 120'120, 1024);
}

TEST_F(JoinTest, ACodecThatTheContainerCannotHoldIsNamed) {
  const auto joined = join(Container::webm);
  EXPECT_EQ(joined.status().code(), Code::unsupported);
  EXPECT_THAT(joined.status().message(), HasSubstr("cannot hold h264"));
}

TEST_F(JoinTest, ADamagedOrMissingSegmentIsNamed) {
  fs::resize_file(job_.folder / "abr/90p/00002.m4s", 300);
  EXPECT_THAT(join(Container::mp4).status().message(), HasSubstr("abr/90p/00002.m4s"));
  fs::remove(job_.folder / "abr/90p/00002.m4s");
  const auto joined = join(Container::mp4);
  EXPECT_EQ(joined.status().code(), Code::not_found);
  EXPECT_THAT(joined.status().message(), HasSubstr("abr/90p/00002.m4s"));
}

TEST_F(JoinTest, TellsHowFarItIsAndStops) {
  std::vector<double> told;
  const auto joined =
      join_segments({files_of("abr/90p")}, Container::mp4, target_, [&](double seconds) -> Status {
        told.push_back(seconds);
        return seconds < 2 ? Status() : Status(Code::cancelled, "enough");
      });
  EXPECT_EQ(joined.status().code(), Code::cancelled);
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_NEAR(told[0], 1, 0.1);
}

}  // namespace
}  // namespace millrace::engine
