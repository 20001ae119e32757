#include "engine/job/ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Rational k25{25, 1};
constexpr Rational kNtsc{30000, 1001};
constexpr Rational k60{60, 1};

std::vector<std::string> names(const std::vector<Rung>& ladder) {
  std::vector<std::string> all;
  for (const Rung& rung : ladder) all.push_back(rung_name(rung));
  return all;
}
std::vector<std::int64_t> bits(const std::vector<Rung>& ladder) {
  std::vector<std::int64_t> all;
  for (const Rung& rung : ladder) all.push_back(rung.bits_per_second);
  return all;
}

TEST(AutoLadder, OfFullHdIsTheContracts) {
  const auto ladder = auto_ladder({1920, 1080}, k25);
  EXPECT_THAT(names(ladder), ElementsAre("1080p", "720p", "480p", "360p"));
  EXPECT_THAT(bits(ladder), ElementsAre(5'000'000, 2'800'000, 1'400'000, 800'000));
}

TEST(AutoLadder, GetsHalfAsMuchAgainAboveThirtyFrames) {
  EXPECT_THAT(bits(auto_ladder({1920, 1080}, k60)), ElementsAre(7'500'000, 4'200'000, 2'100'000, 1'200'000));
  EXPECT_THAT(bits(auto_ladder({1280, 720}, {50, 1})), ElementsAre(4'200'000, 2'100'000, 1'200'000));
  EXPECT_THAT(bits(auto_ladder({1280, 720}, kNtsc)), ElementsAre(2'800'000, 1'400'000, 800'000));
}

TEST(AutoLadder, TakesACamerasThirtyPointZeroTwoAsThirty) {
  EXPECT_EQ(auto_ladder({1280, 720}, {3002, 100})[0].bits_per_second, 2'800'000);
  EXPECT_EQ(auto_ladder({1280, 720}, {31, 1})[0].bits_per_second, 4'200'000);
}

TEST(AutoLadder, AsksForNoMoreThanSixtyFrames) {
  EXPECT_FALSE(auto_ladder({1280, 720}, k60)[0].max_frame_rate.known());
  EXPECT_FALSE(auto_ladder({1280, 720}, {60060, 1000})[0].max_frame_rate.known());
  EXPECT_EQ(auto_ladder({1280, 720}, {120, 1})[0].max_frame_rate, (Rational{60, 1}));
}

TEST(AutoLadder, CountsTheShorterSide) {
  EXPECT_THAT(names(auto_ladder({1080, 1920}, k25)), ElementsAre("1080p", "720p", "480p", "360p"));
  EXPECT_THAT(names(auto_ladder({720, 1280}, k25)), ElementsAre("720p", "480p", "360p"));
  EXPECT_THAT(names(auto_ladder({1920, 816}, k25)), ElementsAre("720p", "480p", "360p"));
  EXPECT_THAT(names(auto_ladder({1920, 1078}, k25)), ElementsAre("720p", "480p", "360p"));
  EXPECT_THAT(names(auto_ladder({3840, 2160}, k25)), ElementsAre("1080p", "720p", "480p", "360p"));
}

TEST(AutoLadder, OfASmallPictureIsOneRungOfItsSize) {
  const auto ladder = auto_ladder({320, 240}, k25);
  EXPECT_THAT(names(ladder), ElementsAre("240p"));
  EXPECT_EQ(ladder[0].bits_per_second, 267'000);  // 800k * 320*240 / (640*360)
  EXPECT_THAT(names(auto_ladder({161, 121}, k25)), ElementsAre("120p"));
  EXPECT_EQ(auto_ladder({64, 48}, k25)[0].bits_per_second, 64'000);
  EXPECT_THAT(names(auto_ladder({1, 1}, k25)), ElementsAre("2p"));
}

TEST(AutoBits, AreExactAtTheFourPointsAndGrowBetweenThem) {
  EXPECT_EQ(auto_bits_per_second(1080, k25), 5'000'000);
  EXPECT_EQ(auto_bits_per_second(720, k25), 2'800'000);
  EXPECT_EQ(auto_bits_per_second(480, k25), 1'400'000);
  EXPECT_EQ(auto_bits_per_second(360, k25), 800'000);
  for (int height = 106; height <= 4320; height += 2)
    EXPECT_GT(auto_bits_per_second(height, k25), auto_bits_per_second(height - 2, k25)) << height;
  EXPECT_EQ(auto_bits_per_second(2160, k25), 14'142'000);
  EXPECT_EQ(auto_bits_per_second(240, k25), 356'000);
}

TEST(CheckedLadder, FillsBitsAndSortsLargestFirst) {
  const auto ladder = checked_ladder({{360, 0, {}, {}}, {720, 3'000'000, {}, {}}}, {1280, 720}, k60);
  ASSERT_TRUE(ladder.ok());
  EXPECT_THAT(names(*ladder), ElementsAre("720p", "360p"));
  EXPECT_THAT(bits(*ladder), ElementsAre(3'000'000, 1'200'000));
}

TEST(CheckedLadder, ARungHeldToThirtyFramesGetsTheBitsOfThirty) {
  const auto ladder = checked_ladder({{720, 0, {30, 1}, {}}}, {1280, 720}, k60);
  ASSERT_TRUE(ladder.ok());
  EXPECT_THAT(bits(*ladder), ElementsAre(2'800'000));
}

TEST(AutoLadder, AsksForFewerBitsOfABetterCodec) {
  EXPECT_THAT(bits(auto_ladder({1920, 1080}, k25, VideoCodec::hevc)),
              ElementsAre(3'750'000, 2'100'000, 1'050'000, 600'000));
  EXPECT_THAT(bits(auto_ladder({1920, 1080}, k25, VideoCodec::vp9)),
              ElementsAre(3'750'000, 2'100'000, 1'050'000, 600'000));
  EXPECT_THAT(bits(auto_ladder({1920, 1080}, k25, VideoCodec::av1)),
              ElementsAre(3'250'000, 1'820'000, 910'000, 520'000));
  EXPECT_THAT(bits(auto_ladder({1280, 720}, k60, VideoCodec::hevc)),
              ElementsAre(3'150'000, 1'575'000, 900'000));
  EXPECT_EQ(auto_ladder({320, 240}, k25, VideoCodec::hevc)[0].bits_per_second, 200'000);
  EXPECT_EQ(auto_bits_per_second(720, k25, VideoCodec::theora), 4'480'000);
}

TEST(CheckedLadder, ARungsOwnCodecDecidesItsBits) {
  const auto ladder =
      checked_ladder({{720, 0, {}, {}}, {480, 0, {}, VideoCodec::h264}}, {1280, 720}, k25, VideoCodec::av1);
  ASSERT_TRUE(ladder.ok());
  EXPECT_THAT(bits(*ladder), ElementsAre(1'820'000, 1'400'000));
}

TEST(CheckedLadder, WhatIsFilledInStaysUnderTheCap) {
  Rung capped{720, 0, {}, {}};
  capped.quality = 23;
  capped.max_bits_per_second = 1'000'000;
  Rung peak{480, 0, {}, {}};
  peak.max_bits_per_second = 9'000'000;
  const auto ladder = checked_ladder({capped, peak}, {1280, 720}, k25);
  ASSERT_TRUE(ladder.ok());
  EXPECT_THAT(bits(*ladder), ElementsAre(1'000'000, 1'400'000));
  EXPECT_EQ((*ladder)[0].quality, 23);
}

TEST(CheckedLadder, RefusesARungAboveThePicture) {
  const auto ladder = checked_ladder({{720, 0, {}, {}}, {1080, 0, {}, {}}}, {1280, 720}, k25);
  ASSERT_FALSE(ladder.ok());
  EXPECT_EQ(ladder.status().code(), Code::invalid_argument);
  EXPECT_EQ(ladder.status().message(), "1080p: the source is 1280x720; remove it");
  EXPECT_TRUE(checked_ladder({{720, 0, {}, {}}}, {720, 1280}, k25).ok());
}

TEST(CheckedLadder, RefusesTwoRungsOfOneHeight) {
  const auto ladder = checked_ladder({{480, 0, {}, {}}, {480, 1'000'000, {}, {}}}, {1280, 720}, k25);
  ASSERT_FALSE(ladder.ok());
  EXPECT_THAT(ladder.status().message(), HasSubstr("480p stands twice"));
}

TEST(RungSize, FollowsTheShapeAndIsEven) {
  EXPECT_EQ(rung_size(720, {1920, 1080}), (PictureSize{1280, 720}));
  EXPECT_EQ(rung_size(480, {1920, 1080}), (PictureSize{854, 480}));
  EXPECT_EQ(rung_size(360, {1920, 1080}), (PictureSize{640, 360}));
  EXPECT_EQ(rung_size(720, {1080, 1920}), (PictureSize{720, 1280}));
  EXPECT_EQ(rung_size(480, {640, 480}), (PictureSize{640, 480}));
  EXPECT_EQ(rung_size(720, {1920, 816}), (PictureSize{1694, 720}));
  EXPECT_EQ(rung_size(360, {1000, 1000}), (PictureSize{360, 360}));
  for (int width = 300; width < 340; ++width) EXPECT_EQ(rung_size(240, {width, 260}).width % 2, 0);
}

}  // namespace
}  // namespace millrace::engine
