#include "engine/plan/stills_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr PictureSize kWide{1920, 1080};
constexpr PictureSize kTall{1080, 1920};

struct SizeCase {
  PictureSize picture;
  int width, height;
  PictureSize size;
  bool pad;
};

TEST(StillsPlanner, SizesFollowThePictureAsItIsShown) {
  for (const SizeCase& each : {
           SizeCase{kWide, 0, 0, {1920, 1080}, false},
           SizeCase{kWide, 320, 0, {320, 180}, false},
           SizeCase{kWide, 0, 90, {160, 90}, false},
           SizeCase{kWide, 320, 180, {320, 180}, false},
           SizeCase{kWide, 321, 181, {321, 181}, false},
           SizeCase{kWide, 320, 182, {320, 182}, true},
           SizeCase{kTall, 320, 180, {320, 180}, true},
           SizeCase{kTall, 320, 0, {320, 568}, false},
           SizeCase{{854, 480}, 320, 180, {320, 180}, false},  // 854:480 is 16:9 but for a third of a pixel
           SizeCase{{854, 480}, 150, 0, {150, 84}, false},
           SizeCase{{2048, 12'288}, 2, 0, {2, 12}, false},
           SizeCase{{12'288, 64}, 100, 0, {100, 2}, false},
           SizeCase{{160, 120}, 320, 240, {320, 240}, false},
       }) {
    ThumbnailsOutput output;
    output.every = 10;
    output.width = each.width;
    output.height = each.height;
    const auto stills = plan_thumbnails(output, each.picture, 60, "outputs[0]");
    ASSERT_TRUE(stills.ok()) << to_string(stills.status());
    EXPECT_EQ((PictureSize{stills->width, stills->height}), each.size) << each.width << "x" << each.height;
    EXPECT_EQ(stills->pad, each.pad) << each.width << "x" << each.height;
  }
}

TEST(StillsPlanner, TimesAreInTheirOrder) {
  ThumbnailsOutput output;
  output.at = {10, 1.5, 59.999};
  output.format = StillFormat::webp;
  const auto stills = plan_thumbnails(output, kWide, 60, "outputs[0]");
  ASSERT_TRUE(stills.ok());
  EXPECT_THAT(stills->at, ElementsAre(1.5, 10, 59.999));
  EXPECT_EQ(stills->every, 0);
  EXPECT_EQ(stills->format, StillFormat::webp);
}

TEST(StillsPlanner, ATimePastTheEndIsRefusedByItsField) {
  ThumbnailsOutput output;
  output.at = {10, 60};
  const Status status = plan_thumbnails(output, kWide, 60, "outputs[3]").status();
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.field(), "outputs[3].at[1]");
  EXPECT_EQ(status.message(), "outputs[3].at[1]: 60 s is past the end: there are 60 s");
  EXPECT_TRUE(plan_thumbnails(output, kWide, 0, "outputs[3]").ok()) << "the length is not known";
}

TEST(StillsPlanner, EveryCountsFromZeroToBeforeTheEnd) {
  PlannedStills stills;
  stills.every = 6;
  EXPECT_EQ(count_of_stills(stills, 60), 10);
  EXPECT_EQ(count_of_stills(stills, 60.04), 11);
  EXPECT_EQ(count_of_stills(stills, 0.1), 1);
  EXPECT_EQ(count_of_stills(stills, 0), 0);
  stills.every = 0.1;
  EXPECT_EQ(count_of_stills(stills, 0.3), 3) << "the division gives a little less";
  EXPECT_EQ(count_of_stills(stills, 0.1 + 0.2), 3) << "the division gives a little more";
  stills.at = {1, 2};
  EXPECT_EQ(count_of_stills(stills, 60), 2);
}

TEST(StillsPlanner, TooManyAreRefusedWithTheLeastStep) {
  ThumbnailsOutput output;
  output.every = 0.5;
  Status status = plan_thumbnails(output, kWide, 7200, "outputs[0]").status();
  EXPECT_EQ(status.field(), "outputs[0].every");
  EXPECT_THAT(status.message(), HasSubstr("14400 pictures, at most 10000; give 0.8 s or more"));
  SpritesOutput sprites;
  sprites.every = 0.5;
  status = plan_sprites(sprites, kWide, 7200, "outputs[1]").status();
  EXPECT_EQ(status.field(), "outputs[1].every");
}

TEST(StillsPlanner, TooLargePicturesAreRefused) {
  ThumbnailsOutput output;
  output.every = 10;
  output.width = 8000;
  Status status = plan_thumbnails(output, {2048, 12'288}, 60, "outputs[0]").status();
  EXPECT_EQ(status.field(), "outputs[0].width");
  EXPECT_THAT(status.message(), HasSubstr("8000x48000; at most 16383 pixels a side"));
  output.width = 0;
  output.height = 16'000;
  EXPECT_EQ(plan_thumbnails(output, {1080, 1080}, 60, "outputs[0]").status().field(), "outputs[0].height")
      << "256 million pixels";
}

TEST(StillsPlanner, SpritesAreEvenAndNoWiderThanTheyAreMany) {
  SpritesOutput output;
  output.every = 5;
  output.width = 161;
  output.columns = 10;
  auto stills = plan_sprites(output, kWide, 60, "outputs[0]");
  ASSERT_TRUE(stills.ok());
  EXPECT_EQ(stills->width, 160);
  EXPECT_EQ(stills->height, 90);
  EXPECT_EQ(stills->columns, 10);
  stills = plan_sprites(output, kTall, 12, "outputs[0]");
  EXPECT_EQ(stills->height, 284);
  EXPECT_EQ(stills->columns, 3) << "three pictures fill three columns";
  EXPECT_EQ(plan_sprites(output, kWide, 0, "outputs[0]")->columns, 10);
}

TEST(StillsPlanner, ASheetIsNoWiderThanBrowsersShow) {
  SpritesOutput output;
  output.every = 1;
  output.width = 320;
  output.columns = 100;
  const Status status = plan_sprites(output, kWide, 600, "outputs[0]").status();
  EXPECT_EQ(status.field(), "outputs[0].columns");
  EXPECT_THAT(status.message(), HasSubstr("give at most 51"));
  EXPECT_TRUE(plan_sprites(output, kWide, 40, "outputs[0]").ok());
}

TEST(StillsPlanner, ASheetsRowsKeepItSmallEnough) {
  PlannedStills stills;
  stills.width = 160;
  stills.height = 90;
  stills.columns = 10;
  EXPECT_EQ(sheet_rows(stills), 182) << "by its side: 16383 / 90";
  stills.columns = 100;
  EXPECT_EQ(sheet_rows(stills), 34) << "by its pixels: 50 million / 1440000";
  stills.width = stills.height = 8000;
  stills.columns = 1;
  EXPECT_EQ(sheet_rows(stills), 1);
}

}  // namespace
}  // namespace millrace::engine
