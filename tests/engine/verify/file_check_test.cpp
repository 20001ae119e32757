#include "engine/verify/file_check.h"

#include <gmock/gmock.h>

#include "engine/base/file.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DecodeFileTest : public testing::TestWithParam<const char*> {
 protected:
  const test::TempFolder folder_;
};

TEST_P(DecodeFileTest, CountsPicturesAndSamplesAndSaysWhenTheyBegin) {
  const auto file = folder_ / GetParam();
  test::make_sample(file, test::SampleVideo{}, test::SampleSound{});
  const auto decoded = decode_file(file);
  ASSERT_TRUE(decoded.ok()) << to_string(decoded.status());
  EXPECT_THAT(decoded->pictures, ElementsAre(50));
  ASSERT_EQ(decoded->tracks.size(), 2u);
  const DecodedTrack& pictures = decoded->tracks[0];
  EXPECT_EQ(pictures.codec, "h264");
  EXPECT_EQ(pictures.packets, 50);
  EXPECT_NEAR(pictures.last_seconds - pictures.first_seconds, 49 / 25.0, 0.002);
  const DecodedTrack& sound = decoded->tracks[1];
  EXPECT_TRUE(sound.sound);
  EXPECT_NEAR(static_cast<double>(sound.count), 96'000, 2 * 1024 + 1024);
  EXPECT_NEAR(sound.first_seconds - pictures.first_seconds, 0, 0.025);
}

TEST_P(DecodeFileTest, DamageIsFound) {
  const auto file = folder_ / GetParam();
  test::SampleVideo video;
  video.index_first = true;
  test::make_sample(file, video, test::SampleSound{});
  std::string bytes = read_file(file).value();
  for (std::size_t at = bytes.size() / 2; at < bytes.size() / 2 + 700; ++at)
    bytes[at] = static_cast<char>(0xff);
  ASSERT_TRUE(write_file(file, bytes).ok());
  EXPECT_EQ(decode_file(file).status().code(), Code::corrupt_input);
  const auto accepted = decode_file(file, {1, true});
  ASSERT_TRUE(accepted.ok()) << to_string(accepted.status());
  EXPECT_LE(accepted->pictures.at(0), 50);
}

INSTANTIATE_TEST_SUITE_P(Containers, DecodeFileTest, testing::Values("a.mp4", "a.mkv", "a.ts"),
                         [](const auto& each) { return std::string(each.param).substr(2); });

TEST(DecodeFile, StopsOnRequest) {
  const test::TempFolder folder;
  test::make_sample(folder / "a.mp4", test::SampleVideo{});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(decode_file(folder / "a.mp4", {}, stop.get_token()).status().code(), Code::cancelled);
}

TEST(DecodeFile, WhatIsNoMediaIsRefused) {
  const test::TempFolder folder;
  ASSERT_TRUE(write_file(folder / "a.mp4", "no media").ok());
  EXPECT_EQ(decode_file(folder / "a.mp4").status().code(), Code::corrupt_input);
}

// 50 pictures at 25 a second, and 2 s of sound with an AAC encoder's slack.
class CompareTracksTest : public testing::Test {
 protected:
  CompareTracksTest() {
    expected_.resize(2);
    expected_[0].count = expected_[0].least = expected_[0].most = 50;
    expected_[0].last_seconds = 49 / 25.0;
    expected_[1].sound = true;
    expected_[1].count = 96'000;
    expected_[1].least = 96'000 - 2048;
    expected_[1].most = 96'000 + 2048;
    expected_[1].priming_seconds = 1024 / 48'000.0;
    found_.tracks.resize(2);
    found_.tracks[0].count = 50;
    found_.tracks[0].last_seconds = 49 / 25.0;
    found_.tracks[1].sound = true;
    found_.tracks[1].count = 96'256;
  }
  std::string fault() const { return compare_tracks(expected_, found_).message(); }

  std::vector<ExpectedTrack> expected_;
  DecodedFile found_;
};

TEST_F(CompareTracksTest, WhatWasWrittenPasses) { EXPECT_EQ(fault(), ""); }

TEST_F(CompareTracksTest, AMissingTrackIsFound) {
  found_.tracks.pop_back();
  EXPECT_THAT(fault(), HasSubstr("2 tracks were written, 1 are in the file"));
}

TEST_F(CompareTracksTest, AMissingPictureIsFound) {
  found_.tracks[0].count = 49;
  EXPECT_EQ(fault(), "track 0: 50 pictures were written, 49 decode");
}

TEST_F(CompareTracksTest, MissingAndAddedSoundIsFound) {
  found_.tracks[1].count = 93'000;
  EXPECT_THAT(fault(), HasSubstr("track 1: 96000 samples"));
  found_.tracks[1].count = 99'000;
  EXPECT_THAT(fault(), HasSubstr("track 1: 96000 samples"));
}

TEST_F(CompareTracksTest, ALostPacketIsFoundWhereTheyCount) {
  expected_[1].packets = 94;
  found_.tracks[1].packets = 93;
  EXPECT_THAT(fault(), HasSubstr("94 packets were written, 93 are in the file"));
}

TEST_F(CompareTracksTest, SoundOutOfStepIsFound) {
  found_.tracks[1].first_seconds = 0.045;
  EXPECT_THAT(fault(), HasSubstr("track 1: it begins 0.045 s off"));
  found_.tracks[1].first_seconds = -1024 / 48'000.0;  // priming that a container shows
  EXPECT_EQ(fault(), "");
}

TEST_F(CompareTracksTest, PicturesThatRunTooLongAreFound) {
  found_.tracks[0].last_seconds += 0.05;
  EXPECT_THAT(fault(), HasSubstr("its pictures span 2.010 s, written were 1.960 s"));
}

TEST_F(CompareTracksTest, TheStartOfTheWholeFileDoesNotMatter) {
  for (DecodedTrack& each : found_.tracks) {
    each.first_seconds += 1.4;
    each.last_seconds += 1.4;
  }
  EXPECT_EQ(fault(), "");
}

TEST_F(CompareTracksTest, OfADamagedSourceTheTracksNeedOnlyBeThere) {
  expected_[0].only_there = expected_[1].only_there = true;
  found_.tracks[0].count = 3;
  EXPECT_EQ(fault(), "");
  found_.tracks[1].sound = false;
  EXPECT_NE(fault(), "");
}

}  // namespace
}  // namespace millrace::engine
