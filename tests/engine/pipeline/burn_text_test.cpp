#include "engine/pipeline/burn_text.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

constexpr std::int64_t kMillisecond = kTicksPerSecond / 1000;

std::shared_ptr<const SubtitlePicture> at(BurnText& text, std::int64_t milliseconds) {
  const auto shown = text.at(milliseconds * kMillisecond);
  EXPECT_TRUE(shown.ok()) << to_string(shown.status());
  return shown.value_or(nullptr);
}

TEST(BurnText, IsOnShowFromItsStartToBeforeItsEnd) {
  BurnText text({{400, 1200, "", "Hello"}}, {320, 180});
  EXPECT_EQ(at(text, 0), nullptr);
  EXPECT_EQ(at(text, 360), nullptr);
  const auto shown = at(text, 400);
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(at(text, 1160), shown) << "drawn once";
  EXPECT_EQ(at(text, 1200), nullptr);
}

TEST(BurnText, LiesInTheLowerMiddleInAsSmallAPartAsItNeeds) {
  BurnText text({{0, 1000, "", "Hello"}}, {320, 180});
  const auto shown = at(text, 0);
  ASSERT_NE(shown, nullptr);
  ASSERT_EQ(shown->parts.size(), 1U);
  const SubtitlePicture::Part& part = shown->parts[0];
  EXPECT_NEAR(part.place.x + part.place.width / 2, 0.5, 0.02);
  EXPECT_GT(part.place.y, 0.7);
  EXPECT_LT(part.place.height, 0.2);
  EXPECT_NEAR(part.place.width * 320, part.rgba->width, 0.01);
}

TEST(BurnText, EveryChangeIsDrawnAnew) {
  BurnText text({{0, 1000, "", "one"}, {500, 1500, "", "two"}}, {320, 180});
  const auto one = at(text, 0);
  const auto both = at(text, 500);
  const auto two = at(text, 1000);
  ASSERT_TRUE(one && both && two);
  EXPECT_GT(both->parts[0].rgba->height, one->parts[0].rgba->height);
  EXPECT_LT(two->parts[0].rgba->height, both->parts[0].rgba->height);
}

TEST(BurnText, WhatShowsNothingIsNothing) {
  BurnText text({{0, 1000, "", "<v Bob></v>"}, {1000, 2000, "", std::string(5000, 'x')}}, {320, 180});
  EXPECT_EQ(at(text, 0), nullptr);
  EXPECT_EQ(at(text, 1500), nullptr) << "more than fits on any picture";
}

}  // namespace
}  // namespace millrace::engine
