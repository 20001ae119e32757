#include "engine/pipeline/burn_stage.h"

#include <gmock/gmock.h>

#include "engine/backend/software/scaler.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/overlay.h"
#include "tests/engine/pipeline/bitmap_tracks.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/engine/pipeline/tasks.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

int luma(const AVFrame& frame, int x, int y) { return frame.data[0][y * frame.linesize[0] + x]; }

// A white box in the lower right quarter, on show from 0.4 s to 1.2 s of two seconds.
class BurnStageTest : public testing::Test {
 protected:
  BurnStageTest() {
    test::SampleVideo video;
    test::make_with_boxes(folder_ / "in.mkv", video,
                          {"pgs", 96, 64, {{400, 1200, 48, 32, 48, 32, 0xFFFFFFFF}}});
    const auto source = inspect((folder_ / "in.mkv").native());
    if (!source.ok()) throw std::runtime_error(to_string(source.status()));
    plan_ = plan_for(*source);
    stream_ = source->other.at(0).index;
  }

  const test::TempFolder folder_;
  DamageLog damage_{false};
  Plan plan_;
  int stream_ = -1;
};

TEST_F(BurnStageTest, EachRenditionLaysItAtItsOwnResolution) {
  for (const int scale : {1, 2}) {
    CollectingSink sink;
    const OverlaySet none;
    OverlayStage overlays(none, sink, stream_);
    Scaler scaler({96 / scale, 64 / scale, false}, overlays);
    BurnStage burn(scaler);
    ASSERT_TRUE(burn.add(plan_, stream_, 0, damage_, {}).ok());
    for (const std::int64_t pts : {0, 36'000, 104'400, 108'000})
      ASSERT_TRUE(burn.push(picture(pts, 96, 64)).ok());
    ASSERT_TRUE(burn.finish().ok());
    std::vector<int> inside;
    for (const FramePtr& frame : sink.frames) {
      inside.push_back(luma(*frame, frame->width * 3 / 4, frame->height * 3 / 4));
      EXPECT_NEAR(luma(*frame, frame->width / 2 - 2, frame->height / 2 - 2), 128, 1);
      EXPECT_EQ(frame->opaque_ref, nullptr);
    }
    EXPECT_THAT(inside, ElementsAre(128, 235, 235, 128)) << "1/" << scale;
  }
}

TEST_F(BurnStageTest, ARenditionWithoutItHasNone) {
  CollectingSink sink;
  const OverlaySet none;
  OverlayStage overlays(none, sink);
  BurnStage burn(overlays);
  ASSERT_TRUE(burn.add(plan_, stream_, 0, damage_, {}).ok());
  ASSERT_TRUE(burn.push(picture(36'000, 96, 64)).ok());
  EXPECT_EQ(luma(*sink.frames.at(0), 90, 60), 128);
  EXPECT_EQ(sink.frames[0]->opaque_ref, nullptr);
}

TEST_F(BurnStageTest, WithoutATrackFramesPassAsTheyAre) {
  CollectingSink sink;
  BurnStage burn(sink);
  ASSERT_TRUE(burn.add(plan_, -1, 0, damage_, {}).ok());
  ASSERT_TRUE(burn.push(picture(36'000)).ok());
  EXPECT_EQ(sink.frames.at(0)->opaque_ref, nullptr);
}

}  // namespace
}  // namespace millrace::engine
