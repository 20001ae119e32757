// The short forms that the command line and the spec share.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/job/job_spec_json.h"

namespace millrace::engine {
namespace {

TEST(JobSpecText, BitRates) {
  EXPECT_EQ(parse_bit_rate("2.8M").value_or(0), 2'800'000);
  EXPECT_EQ(parse_bit_rate("128k").value_or(0), 128'000);
  EXPECT_EQ(parse_bit_rate("5000000").value_or(0), 5'000'000);
  EXPECT_EQ(parse_bit_rate("0.8m").value_or(0), 800'000);
  for (const char* text : {"", "M", "-1M", "1e6", "2,8M", "1/2M", "2.8 M", "0", "999999999999M", "0x10"})
    EXPECT_FALSE(parse_bit_rate(text).ok()) << text;
}

TEST(JobSpecText, Ladders) {
  EXPECT_TRUE(parse_ladder("auto")->empty());
  const Result<std::vector<Rung>> ladder = parse_ladder("1080p,720p");
  ASSERT_TRUE(ladder.ok());
  ASSERT_EQ(ladder->size(), 2U);
  EXPECT_EQ((*ladder)[0].height, 1080);
  EXPECT_EQ((*ladder)[1].height, 720);
  EXPECT_EQ((*ladder)[1].bits_per_second, 0);
  for (const char* text : {"", "1080", "1080p,", "p", "1080p;720p", "-720p", "99999p"})
    EXPECT_FALSE(parse_ladder(text).ok()) << text;
}

TEST(JobSpecText, PackagesCodecsAndDevices) {
  EXPECT_EQ(parse_packages("dash,hls").value_or({}), (std::vector<Package>{Package::dash, Package::hls}));
  EXPECT_FALSE(parse_packages("hls,").ok());
  EXPECT_EQ(parse_video_codec("av1").value_or(VideoCodec::h264), VideoCodec::av1);
  EXPECT_FALSE(parse_video_codec("H264").ok());
  for (const char* text : {"auto", "cpu", "cuda", "cuda:1", "vaapi", "vaapi:/dev/dri/renderD128"}) {
    const Result<DevicePreference> device = parse_device(text);
    ASSERT_TRUE(device.ok()) << text;
    EXPECT_EQ(to_string(*device), text);
  }
  for (const char* text : {"", "gpu", "cuda:", "cuda:-1", "cuda:1234", "vaapi:renderD128", "cpu:0", "auto:1"})
    EXPECT_FALSE(parse_device(text).ok()) << text;
}

TEST(JobSpecText, Sizes) {
  const Result<PictureSize> size = parse_size("320x180");
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(*size, (PictureSize{320, 180}));
  for (const char* text :
       {"", "320", "x", "320x", "x180", "0x180", "-1x2", "320 x 180", "320x180x2", "99999999999x1"})
    EXPECT_FALSE(parse_size(text).ok()) << text;
}

TEST(JobSpecText, Percents) {
  EXPECT_EQ(parse_percent("15%")->value, 15);
  EXPECT_TRUE(parse_percent("15%")->percent);
  EXPECT_EQ(parse_percent("-2.5%")->value, -2.5);
  for (const char* text : {"", "%", "15", "15 %", "1e1%", "inf%", "nan%", "--1%", "+1%", "1.2.3%", "15%%"})
    EXPECT_FALSE(parse_percent(text).ok()) << text;
}

TEST(JobSpecText, TrimsLeaveEitherEndOpen) {
  const auto expect = [](const char* text, double from, double to) {
    const Result<Trim> trim = parse_trim(text);
    ASSERT_TRUE(trim.ok()) << text;
    EXPECT_EQ(trim->from, from) << text;
    EXPECT_EQ(trim->to, to) << text;
  };
  expect("1.5:30", 1.5, 30);
  expect("10:", 10, 0);
  expect(":30", 0, 30);
  expect("0:0.04", 0, 0.04);
  for (const char* text : {"", ":", "10", "30:10", "1:1", ":0", "-1:2", "1:2:3", "a:b", "1e1:20", "0:00:10"})
    EXPECT_FALSE(parse_trim(text).ok()) << text;
  EXPECT_THAT(parse_trim("30:10").status().message(), ::testing::HasSubstr("ends before it begins"));
}

TEST(JobSpecText, AnswersToDamage) {
  EXPECT_EQ(*parse_on_damage("accept"), OnDamage::accept);
  EXPECT_EQ(*parse_on_damage("refuse"), OnDamage::refuse);
  EXPECT_THAT(parse_on_damage("ignore").status().message(), ::testing::HasSubstr("refuse, accept"));
}

}  // namespace
}  // namespace millrace::engine
