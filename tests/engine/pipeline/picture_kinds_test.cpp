#include "engine/pipeline/picture_kinds.h"

#include <gmock/gmock.h>

#include <future>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kFrame = 3600;

TEST(PictureKinds, WaitsUntilAKindIsTold) {
  PictureKinds kinds(30, {});
  kinds.take(0);
  auto asked = std::async(std::launch::async, [&] { return kinds.kind_of(kFrame); });
  kinds.take(kFrame);
  kinds.tell(kFrame, AV_PICTURE_TYPE_B);
  EXPECT_EQ(asked.get(), AV_PICTURE_TYPE_B);
}

TEST(PictureKinds, WhoAsksDecidesWhereTheTellerGetsNoMoreBeforeItTells) {
  PictureKinds kinds(4, {});
  for (int i = 0; i < 5; ++i) kinds.take(i * kFrame);
  EXPECT_EQ(kinds.kind_of(0), AV_PICTURE_TYPE_NONE) << "four came after it: the queue is full";
}

TEST(PictureKinds, WhoAsksDecidesAboutWhatWasNeverTakenInOrIsLongPast) {
  PictureKinds kinds(2, {});
  for (int i = 0; i < 9; ++i) kinds.take(i * kFrame);
  kinds.tell(0, AV_PICTURE_TYPE_P);
  EXPECT_EQ(kinds.kind_of(0), AV_PICTURE_TYPE_NONE);
  kinds.end();
  EXPECT_EQ(kinds.kind_of(99 * kFrame), AV_PICTURE_TYPE_NONE);
}

TEST(PictureKinds, TheEndAndAStopEndEveryWait) {
  std::stop_source stop;
  PictureKinds stopped(30, stop.get_token());
  PictureKinds ended(30, {});
  auto first = std::async(std::launch::async, [&] { return stopped.kind_of(0); });
  auto second = std::async(std::launch::async, [&] { return ended.kind_of(0); });
  stop.request_stop();
  ended.end();
  EXPECT_EQ(first.get(), AV_PICTURE_TYPE_NONE);
  EXPECT_EQ(second.get(), AV_PICTURE_TYPE_NONE);
}

PlannedRendition rendition(int width, int height, std::string preset = "veryfast") {
  PlannedRendition made;
  made.width = width;
  made.height = height;
  made.preset = std::move(preset);
  return made;
}

using Firsts = std::vector<std::optional<std::int64_t>>;

TEST(KindsGroup, TheSmallestTellsThoseThatTakeTheSamePictures) {
  std::vector<PlannedRendition> ladder = {rendition(1920, 1080), rendition(1280, 720), rendition(640, 360)};
  auto group = kinds_group(ladder, Firsts(3, 0), 30);
  ASSERT_TRUE(group);
  EXPECT_EQ(group->teller, 2u);
  EXPECT_THAT(group->askers, ElementsAre(0, 1));

  group = kinds_group(ladder, Firsts{0, 0, 1}, 30);
  ASSERT_TRUE(group) << "the smallest joins later";
  EXPECT_EQ(group->teller, 1u);
  EXPECT_THAT(group->askers, ElementsAre(0));

  ladder[1].max_frame_rate = {25, 1};
  group = kinds_group(ladder, Firsts(3, 0), 30);
  ASSERT_TRUE(group);
  EXPECT_THAT(group->askers, ElementsAre(0)) << "the second drops pictures";
}

TEST(KindsGroup, NobodyTellsAlone) {
  const PlannedRendition large = rendition(1920, 1080);
  EXPECT_FALSE(kinds_group(std::vector{large}, Firsts(1, 0), 30));
  EXPECT_FALSE(kinds_group(std::vector{large, rendition(640, 360)}, Firsts{std::nullopt, 0}, 30));
  EXPECT_FALSE(kinds_group(std::vector{large, rendition(640, 360, "medium")}, Firsts(2, 0), 48));
  PlannedRendition other = rendition(640, 360);
  other.codec = VideoCodec::hevc;
  EXPECT_FALSE(kinds_group(std::vector{large, other}, Firsts(2, 0), 30));
}

TEST(KindsGroup, NobodyWaitsForAnEncoderThatHoldsMorePicturesThanAreQueued) {
  const auto pair = [](const char* preset) {
    return std::vector{rendition(1280, 720, preset), rendition(640, 360, preset)};
  };
  EXPECT_TRUE(kinds_group(pair("veryfast"), Firsts(2, 0), 18));
  EXPECT_FALSE(kinds_group(pair("veryfast"), Firsts(2, 0), 17));
  EXPECT_TRUE(kinds_group(pair("medium"), Firsts(2, 0), 48));
  EXPECT_FALSE(kinds_group(pair("slow"), Firsts(2, 0), 48));
  EXPECT_FALSE(kinds_group(pair("ultrafast"), Firsts(2, 0), 48)) << "it looks ahead at nothing";
}

}  // namespace
}  // namespace millrace::engine
