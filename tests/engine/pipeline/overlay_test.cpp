#include "engine/pipeline/overlay.h"

#include <gmock/gmock.h>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/engine/pipeline/images.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

class OverlayStageTest : public testing::Test {
 protected:
  // Adds a white or black square over the whole picture.
  PlannedOverlay& add(const char* name, const Rgba& colour) {
    write_png(folder_ / name, 4, 4, colour);
    PlannedOverlay overlay;
    overlay.url = folder_ / name;
    overlay.width = overlay.height = 1;
    plan_.overlays.push_back(overlay);
    return plan_.overlays.back();
  }
  std::vector<int> levels(const std::vector<std::int64_t>& pts) {
    auto set = load_overlays(plan_);
    EXPECT_TRUE(set.ok()) << to_string(set.status());
    OverlayStage stage(*set, sink_);
    for (const std::int64_t each : pts) EXPECT_TRUE(stage.push(picture(each)).ok());
    EXPECT_TRUE(stage.finish().ok());
    std::vector<int> levels;
    for (const FramePtr& frame : sink_.frames) levels.push_back(frame->data[0][0]);
    return levels;
  }

  const test::TempFolder folder_;
  Plan plan_;
  CollectingSink sink_;
};

TEST_F(OverlayStageTest, IsThereFromItsStartToBeforeItsEnd) {
  PlannedOverlay& overlay = add("white.png", {255, 255, 255, 255});
  overlay.from = 3600;
  overlay.to = 10'800;
  EXPECT_THAT(levels({0, 3599, 3600, 10'799, 10'800}), testing::ElementsAre(128, 128, 235, 235, 128));
  EXPECT_TRUE(sink_.finished);
}

TEST_F(OverlayStageTest, TheLastOneIsOnTop) {
  add("white.png", {255, 255, 255, 255});
  add("black.png", {0, 0, 0, 255}).from = 3600;
  EXPECT_THAT(levels({0, 3600}), testing::ElementsAre(235, 16));
}

TEST_F(OverlayStageTest, CopiesOnlyWhatItChangesAndOthersHold) {
  add("white.png", {255, 255, 255, 255}).from = 3600;
  const auto set = load_overlays(plan_);
  ASSERT_TRUE(set.ok());
  OverlayStage stage(*set, sink_);
  const FramePtr before = picture(0);
  const FramePtr during = picture(3600);
  ASSERT_TRUE(stage.push(share(*before)).ok());
  ASSERT_TRUE(stage.push(share(*during)).ok());
  EXPECT_EQ(sink_.frames[0]->data[0], before->data[0]);
  EXPECT_NE(sink_.frames[1]->data[0], during->data[0]);
  EXPECT_EQ(during->data[0][0], 128);
  EXPECT_EQ(sink_.frames[1]->data[0][0], 235);
  EXPECT_EQ(sink_.pts, (std::vector<std::int64_t>{0, 3600}));
}

TEST_F(OverlayStageTest, FollowsPicturesThatChangeTheirSize) {
  add("white.png", {255, 255, 255, 255});
  const auto set = load_overlays(plan_);
  ASSERT_TRUE(set.ok());
  OverlayStage stage(*set, sink_);
  for (const int side : {16, 64}) ASSERT_TRUE(stage.push(picture(0, side, side)).ok());
  EXPECT_EQ(sink_.frames[1]->data[0][63 * sink_.frames[1]->linesize[0] + 63], 235);
}

TEST_F(OverlayStageTest, DecodesAnImageOnceAndNamesTheOneItCannot) {
  add("white.png", {255, 255, 255, 255});
  plan_.overlays.push_back(plan_.overlays[0]);
  const auto set = load_overlays(plan_);
  ASSERT_TRUE(set.ok());
  EXPECT_EQ(set->items[0].image, set->items[1].image);
  plan_.overlays[1].url = folder_ / "none.png";
  const auto none = load_overlays(plan_);
  EXPECT_EQ(none.status().code(), Code::not_found);
  EXPECT_THAT(none.status().message(), testing::StartsWith("overlays[1]: "));
}

TEST_F(OverlayStageTest, AnImageThatIsNotThePlannedOneIsRefused) {
  PlannedOverlay& overlay = add("white.png", {255, 255, 255, 255});
  overlay.sha256 = sha256_of(read_file(folder_ / "white.png").value());
  EXPECT_TRUE(load_overlays(plan_).ok());
  write_png(folder_ / "white.png", 4, 4, {0, 0, 0, 255});
  const auto changed = load_overlays(plan_);
  EXPECT_EQ(changed.status().code(), Code::corrupt_input);
  EXPECT_THAT(changed.status().message(), testing::HasSubstr("has changed since the job was planned"));
}

TEST_F(OverlayStageTest, WithoutOverlaysFramesPass) {
  EXPECT_THAT(levels({0, 3600}), testing::ElementsAre(128, 128));
}

}  // namespace
}  // namespace millrace::engine
