#include "engine/pipeline/subtitle_picture.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

struct CanvasCase {
  const char* name;
  PictureSize canvas, coded, shown;
  double top, height;
};

class CanvasTest : public testing::TestWithParam<CanvasCase> {};

TEST_P(CanvasTest, LiesWhereItsPixelsBelong) {
  const CanvasCase& each = GetParam();
  const CanvasPlace place = canvas_on(each.canvas, each.coded, each.shown);
  EXPECT_NEAR(place.top, each.top, 1e-9);
  EXPECT_NEAR(place.height, each.height, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(
    Canvases, CanvasTest,
    testing::Values(
        CanvasCase{"blu_ray", {1920, 1080}, {1920, 1080}, {1920, 1080}, 0, 1},
        CanvasCase{"blu_ray_whose_bars_were_cut_off", {1920, 1080}, {1920, 800}, {1920, 800}, -0.175, 1.35},
        CanvasCase{"blu_ray_beside_a_scaled_picture", {1920, 1080}, {1280, 720}, {1280, 720}, 0, 1},
        CanvasCase{"wider_than_the_picture", {1280, 720}, {960, 720}, {960, 720}, 0.125, 0.75},
        CanvasCase{"dvd_widescreen", {720, 576}, {720, 576}, {1024, 576}, 0, 1},
        CanvasCase{"dvd_cut", {720, 480}, {720, 360}, {854, 360}, -1.0 / 6, 4.0 / 3},
        CanvasCase{"dvb_standard_over_high_definition", {720, 576}, {1920, 1080}, {1920, 1080}, 0, 1},
        CanvasCase{"high_definition_over_anamorphic", {1920, 1080}, {1440, 1080}, {1920, 1080}, 0, 1},
        CanvasCase{"no_canvas", {0, 0}, {1920, 1080}, {1920, 1080}, 0, 1}),
    [](const auto& each) { return each.param.name; });

TEST(SubtitlePicture, APartBelowThePictureIsMovedInside) {
  const PlannedOverlay part = place_of_part(480, 1000, {960, 60}, {1920, 1080}, {-0.175, 1.35});
  EXPECT_DOUBLE_EQ(part.x, 0.25);
  EXPECT_DOUBLE_EQ(part.width, 0.5);
  EXPECT_DOUBLE_EQ(part.height, 0.075);
  EXPECT_DOUBLE_EQ(part.y, 0.925);
}

TEST(SubtitlePicture, APartLargerThanItsCanvasCoversThePicture) {
  const PlannedOverlay part = place_of_part(-10, 5, {200, 200}, {100, 100}, {0, 1});
  EXPECT_EQ(part.x, 0);
  EXPECT_EQ(part.y, 0);
  EXPECT_EQ(part.width, 1);
  EXPECT_EQ(part.height, 1);
}

TEST(SubtitlePicture, IsCarriedToEveryShareOfAFrameAndTakenOffOnce) {
  const auto subtitle = std::make_shared<const SubtitlePicture>();
  FramePtr frame = picture(0);
  carry_subtitles(*frame, std::make_shared<const SubtitlesOver>(SubtitlesOver{{3, subtitle}}));
  const FramePtr one = share(*frame);
  const FramePtr other = share(*frame);
  frame.reset();
  EXPECT_EQ(take_subtitles(*one, 3), subtitle);
  EXPECT_EQ(take_subtitles(*one, 3), nullptr);
  EXPECT_EQ(take_subtitles(*other, 4), nullptr);
  EXPECT_EQ(other->opaque_ref, nullptr);
  EXPECT_EQ(subtitle.use_count(), 1);
}

}  // namespace
}  // namespace millrace::engine
