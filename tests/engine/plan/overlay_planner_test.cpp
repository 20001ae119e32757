#include "engine/plan/overlay_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using Anchor = Overlay::Anchor;

constexpr PictureSize kPicture{1920, 1080};

Overlay logo(Anchor anchor, Length x, Length y) {
  Overlay overlay;
  overlay.url = "file:///media/logo.png";
  overlay.anchor = anchor;
  overlay.x = x;
  overlay.y = y;
  return overlay;
}
Length px(double value) { return {value, false}; }
Length percent(double value) { return {value, true}; }

Status refusal_of(const Overlay& overlay, double seconds = 60) {
  return plan_overlays({{overlay}}, kPicture, seconds).status();
}

TEST(OverlayPlanner, LengthsBecomeSharesOfTheirSide) {
  Overlay overlay = logo(Anchor::bottom_right, px(96), percent(5));
  overlay.width = percent(15);
  overlay.height = px(108);
  overlay.opacity = 0.8;
  overlay.from = 1.5;
  overlay.to = 30;
  const auto planned = plan_overlays({{overlay}}, kPicture, 60);
  ASSERT_TRUE(planned.ok()) << to_string(planned.status());
  const PlannedOverlay& out = planned->overlays.at(0);
  EXPECT_EQ(out.url, overlay.url);
  EXPECT_EQ(out.anchor, Anchor::bottom_right);
  EXPECT_DOUBLE_EQ(out.x, 0.05);
  EXPECT_DOUBLE_EQ(out.y, 0.05);
  EXPECT_DOUBLE_EQ(out.width, 0.15);
  EXPECT_DOUBLE_EQ(out.height, 0.1);
  EXPECT_EQ(out.opacity, 0.8);
  EXPECT_EQ(out.from, 135'000);
  EXPECT_EQ(out.to, 2'700'000);
  EXPECT_EQ(planned->decisions.at(0).stage, "overlay 1");
  EXPECT_EQ(planned->decisions.at(0).choice,
            "file:///media/logo.png at bottom_right 96 px, 5%, 15% wide, 108 px high, opacity 0.8, from 1.5 "
            "s, to 30 s");
}

TEST(OverlayPlanner, WithoutASizeTheImageKeepsItsOwn) {
  const auto planned = plan_overlays({{logo(Anchor::top_left, px(10), px(10))}}, kPicture, 0);
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->overlays[0].width, 0);
  EXPECT_EQ(planned->overlays[0].height, 0);
  EXPECT_EQ(planned->overlays[0].to, 0);
}

struct Place {
  const char* name;
  Anchor anchor;
  Length x, y;
  std::optional<Length> width, height;
  std::string field;  // that is refused; empty: it shows
};
void PrintTo(const Place& each, std::ostream* out) { *out << each.name; }

class OverlayPlaces : public ::testing::TestWithParam<Place> {};

TEST_P(OverlayPlaces, OutsideIsRefusedWhereItCanBeKnown) {
  Overlay overlay = logo(GetParam().anchor, GetParam().x, GetParam().y);
  overlay.width = GetParam().width;
  overlay.height = GetParam().height;
  const Status status = refusal_of(overlay);
  EXPECT_EQ(status.field(), GetParam().field.empty() ? "" : "overlays[0]." + GetParam().field);
  if (GetParam().field.empty()) return;
  EXPECT_THAT(status.message(), HasSubstr("outside the picture, which is 1920x1080"));
}

INSTANTIATE_TEST_SUITE_P(
    All, OverlayPlaces,
    ::testing::Values(Place{"LastColumn", Anchor::top_left, px(1919), px(0), {}, {}, ""},
                      Place{"RightOfIt", Anchor::top_left, px(1920), px(0), {}, {}, "x"},
                      Place{"BelowIt", Anchor::top_right, px(0), px(1080), {}, {}, "y"},
                      Place{"LeftOfItFromTheRight", Anchor::bottom_right, px(2000), px(0), {}, {}, "x"},
                      Place{"PartlyOut", Anchor::top_left, px(-50), px(0), px(100), {}, ""},
                      Place{"WhollyOut", Anchor::top_left, px(-100), px(0), px(100), {}, "x"},
                      Place{"OutButTheWidthIsNotKnown", Anchor::top_left, px(-100), px(0), {}, px(100), ""},
                      Place{"FromTheMiddle", Anchor::centre, px(-900), px(500), px(200), px(100), ""},
                      Place{"FromTheMiddleFar", Anchor::centre, px(1070), px(0), px(200), px(100), "x"},
                      Place{"FromTheMiddleUp", Anchor::left, px(0), percent(-56), {}, percent(10), "y"},
                      Place{"FromTheMiddleUpHalfIn", Anchor::left, px(0), percent(-54), {}, percent(10), ""}),
    [](const auto& test) { return test.param.name; });

TEST(OverlayPlanner, OneThatIsNeverShownIsRefused) {
  Overlay late = logo(Anchor::top_left, px(0), px(0));
  late.from = 60;
  EXPECT_EQ(refusal_of(late).field(), "overlays[0].from");
  EXPECT_EQ(refusal_of(late).message(), "overlays[0].from: 60 s is past the end: the output is 60 s long");
  EXPECT_TRUE(refusal_of(late, 0).ok()) << "the length is not known";
}

TEST(OverlayPlanner, HugeOnesAreRefused) {
  Overlay huge = logo(Anchor::top_left, px(0), px(0));
  huge.width = percent(1000);
  EXPECT_EQ(refusal_of(huge).field(), "overlays[0].width");
  huge.width = {};
  huge.height = px(20'000);
  EXPECT_EQ(refusal_of(huge).field(), "overlays[0].height");
}

TEST(OverlayPlanner, TheRefusalNamesWhichOne) {
  const Overlay good = logo(Anchor::top_left, px(0), px(0));
  const Overlay bad = logo(Anchor::top_left, px(5000), px(0));
  EXPECT_EQ(plan_overlays({{good, bad}}, kPicture, 60).status().field(), "overlays[1].x");
}

}  // namespace
}  // namespace millrace::engine
