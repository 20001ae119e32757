#include "engine/work/patience.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLeast = seconds(30);

milliseconds patience_of_rendition(int width, int height, VideoCodec codec, const char* preset) {
  RangeTask task;
  PlannedRendition rendition;
  rendition.width = width;
  rendition.height = height;
  rendition.codec = codec;
  rendition.preset = preset;
  task.plan.renditions = {rendition};
  return patience_of(task, kLeast);
}

TEST(Patience, ATaskThatEncodesNothingHasTheLeast) {
  EXPECT_EQ(patience_of(InspectTask{}, kLeast), kLeast);
  EXPECT_EQ(patience_of(SoundTask{}, kLeast), kLeast);
  EXPECT_EQ(patience_of(RangeTask{}, milliseconds(50)), milliseconds(50));
}

TEST(Patience, GrowsWithPicturesCodecAndPreset) {
  const auto small = patience_of_rendition(64, 36, VideoCodec::h264, "veryfast");
  const auto full = patience_of_rendition(1920, 1080, VideoCodec::h264, "veryfast");
  const auto slow = patience_of_rendition(1920, 1080, VideoCodec::h264, "slow");
  const auto av1 = patience_of_rendition(1920, 1080, VideoCodec::av1, "veryfast");
  EXPECT_LT(small, kLeast + seconds(1));
  EXPECT_NEAR(static_cast<double>((full - kLeast).count()), 13'271, 1);  // 2.0736 megapixels x 0.1 s x 64
  EXPECT_EQ((slow - kLeast).count() / 1000, 265);
  EXPECT_GT(av1, full);
}

TEST(Patience, SumsTheRenditions) {
  RangeTask task;
  PlannedRendition rendition;
  rendition.width = 1000;
  rendition.height = 1000;
  rendition.preset = "veryfast";
  task.plan.renditions = {rendition, rendition};
  EXPECT_EQ(patience_of(task, kLeast), kLeast + milliseconds(12'800));
}

TEST(Patience, AFileWaitsForItsBytesAndAtMostAnHourMore) {
  OutputTask task;
  task.plan.outputs.resize(1);
  task.plan.estimated_bytes = 1'000'000'000;
  EXPECT_EQ(patience_of(task, kLeast), kLeast + seconds(200));
  task.plan.estimated_bytes = 1'000'000'000'000;
  EXPECT_EQ(patience_of(task, kLeast), kLeast + seconds(3600));
  EXPECT_EQ(patience_of_rendition(7680, 4320, VideoCodec::av1, "placebo"), kLeast + seconds(3600));
}

}  // namespace
}  // namespace millrace::engine
