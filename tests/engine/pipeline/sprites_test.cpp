#include "engine/pipeline/sprites.h"

#include <gmock/gmock.h>

#include "engine/pipeline/stills.h"
#include "tests/engine/pipeline/still_files.h"
#include "tests/engine/pipeline/tasks.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

PlannedStills sprites(double every, int width, int height, int columns) {
  PlannedStills stills;
  stills.every = every;
  stills.width = width;
  stills.height = height;
  stills.columns = columns;
  return stills;
}

TEST(SpriteGrid, PlacesPicturesRowByRow) {
  const SpriteGrid grid = sprite_grid(sprites(1, 160, 90, 10));
  EXPECT_EQ(grid.rows, 16'383 / 90);
  EXPECT_EQ(grid.sheet_of(0), 0);
  EXPECT_EQ(grid.x_of(13), 3 * 160);
  EXPECT_EQ(grid.y_of(13), 90);
  const std::int64_t full = grid.on_a_sheet();
  EXPECT_EQ(grid.sheet_of(full - 1), 0);
  EXPECT_EQ(grid.sheet_of(full), 1);
  EXPECT_EQ(grid.x_of(full), 0);
  EXPECT_EQ(grid.y_of(full), 0);
}

TEST(SpriteGrid, NoSideIsLongerThanBrowsersShow) {
  for (const int columns : {1, 10, 100}) {
    const SpriteGrid grid = sprite_grid(sprites(1, 160, 90, columns));
    EXPECT_LE(grid.rows * 90, 16'383);
    EXPECT_LE(std::int64_t{grid.rows} * 90 * columns * 160, 50'000'000) << columns;
    EXPECT_GE(grid.rows, 1);
  }
}

class SpritesTest : public testing::Test {
 protected:
  SpritesTest() {
    test::SampleVideo video;
    video.frames = 100;
    test::make_sample(folder_ / "a.mp4", video);
    source_ = inspect(folder_ / "a.mp4").value_or({});
  }
  std::string vtt() const { return read_file(folder_ / "out/scrub.vtt").value_or("no file"); }
  Result<TaskEnd> run(const PlannedStills& stills, StillFormat format = StillFormat::jpg) {
    Plan plan = sprites_plan(source_, stills);
    plan.outputs[0].stills.format = format;
    plan.outputs[0].path = "scrub." + std::string(name_of(format));
    return run_stills({plan, 0, folder_ / "out", {}}, observer_, {});
  }

  const test::TempFolder folder_;
  Source source_;
  RememberingObserver observer_;
};

TEST_F(SpritesTest, ASheetHoldsThePicturesInTheirOrder) {
  for (const StillFormat format : {StillFormat::jpg, StillFormat::png, StillFormat::webp}) {
    const auto end = run(sprites(0.8, 48, 32, 3), format);
    ASSERT_TRUE(end.ok()) << to_string(end.status());
    const SeenStill sheet = see(folder_ / fmt::format("out/scrub.{}", name_of(format)));
    EXPECT_EQ(sheet.width, 3 * 48);
    EXPECT_EQ(sheet.height, 2 * 32);
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(sheet.number_at(i % 3 * 48, i / 3 * 32, 48, 32), i * 20) << name_of(format) << " " << i;
    EXPECT_LT(sheet.grey_at(2 * 48 + 24, 32 + 16), 20) << name_of(format);  // no sixth picture: black
  }
}

TEST_F(SpritesTest, TheVttNamesTheFragments) {
  ASSERT_TRUE(run(sprites(1.5, 48, 32, 2)).ok());
  EXPECT_EQ(vtt(),
            "WEBVTT\n"
            "\n00:00:00.000 --> 00:00:01.500\nscrub.jpg#xywh=0,0,48,32\n"
            "\n00:00:01.500 --> 00:00:03.000\nscrub.jpg#xywh=48,0,48,32\n"
            "\n00:00:03.000 --> 00:00:04.000\nscrub.jpg#xywh=0,32,48,32\n");
}

TEST_F(SpritesTest, TellsTheSheetThenTheVtt) {
  const auto end = run(sprites(1.5, 48, 32, 2));
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->end_segment, 2);
  const auto& told = observer_.tracks["scrub.jpg"];
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].file, "scrub.jpg");
  EXPECT_EQ(told[0].index, 0);
  EXPECT_EQ(told[0].frames, 3);
  EXPECT_EQ(told[0].duration, 360'000);
  EXPECT_EQ(told[1].file, "scrub.vtt");
  EXPECT_EQ(told[1].index, 1);
  EXPECT_EQ(told[1].frames, 3);
}

TEST_F(SpritesTest, FewerPicturesThanColumnsMakeANarrowSheet) {
  ASSERT_TRUE(run(sprites(3, 48, 32, 10)).ok());
  EXPECT_EQ(see(folder_ / "out/scrub.jpg").width, 2 * 48);
}

TEST_F(SpritesTest, WhatDoesNotFitOnASheetGoesOnTheNext) {
  ASSERT_TRUE(run(sprites(1, 16, 8000, 1)).ok());
  EXPECT_EQ(see(folder_ / "out/scrub.jpg").height, 16'000);
  EXPECT_EQ(see(folder_ / "out/scrub.2.jpg").height, 16'000);
  EXPECT_EQ(see(folder_ / "out/scrub.2.jpg").number_at(0, 8000, 16, 8000), 75);
  EXPECT_THAT(vtt(), testing::HasSubstr("00:00:02.000 --> 00:00:03.000\nscrub.2.jpg#xywh=0,0,16,8000\n"));
  const auto& told = observer_.tracks["scrub.jpg"];
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[1].file, "scrub.2.jpg");
  EXPECT_EQ(told[2].file, "scrub.vtt");
}

TEST_F(SpritesTest, SeveralPlacesAtOnceFillOneSheet) {
  PlannedStills stills = sprites(0.2, 48, 32, 5);
  stills.threads = 4;
  ASSERT_TRUE(run(stills).ok());
  const SeenStill sheet = see(folder_ / "out/scrub.jpg");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sheet.number_at(i % 5 * 48, i / 5 * 32, 48, 32), i * 5) << i;
}

}  // namespace
}  // namespace millrace::engine
