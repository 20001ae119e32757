#include "engine/plan/trim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Source source_at(const Rational& rate, double seconds = 62.32) {
  Source source = test::full_hd();
  source.video[0].frame_rate = rate;
  source.video[0].duration_seconds = source.duration_seconds = seconds;
  return source;
}

struct Case {
  Rational rate;
  double from, to;
  std::int64_t from_ticks, to_ticks;
};

TEST(Trim, BothEndsMoveUpToWholeFrames) {
  for (const Case& each : {
           Case{{25, 1}, 0, 30, 0, 2'700'000},
           Case{{25, 1}, 1.5, 10, 38 * 3600, 900'000},
           Case{{25, 1}, 1.52, 1.57, 38 * 3600, 40 * 3600},
           Case{{25, 1}, 0.04, 0.08, 3600, 7200},
           Case{{30000, 1001}, 1, 2, 30 * 3003, 60 * 3003},
           Case{{30000, 1001}, 1.001, 0, 30 * 3003, 0},
           Case{{30000, 1001}, 0.0334, 0, 3003, 0},
           Case{{24000, 1001}, 60, 0, 5'401'646, 0},    // frame 1439 at 3753.75 ticks each
           Case{{29970, 1000}, 60, 0, 1799 * 3003, 0},  // taken as 30000/1001
           Case{{60, 1}, 0.001, 0, 1500, 0},
       }) {
    const auto trim = plan_trim({each.from, each.to}, source_at(each.rate));
    ASSERT_TRUE(trim.ok()) << each.from << " " << to_string(trim.status());
    EXPECT_EQ(trim->from, each.from_ticks) << each.from << " at " << to_string(each.rate);
    EXPECT_EQ(trim->to, each.to_ticks) << each.to << " at " << to_string(each.rate);
  }
}

TEST(Trim, TimesOfAVariableRateAndOfSoundStay) {
  Source source = source_at({25, 1});
  source.video[0].variable_frame_rate = true;
  EXPECT_EQ(plan_trim({1.501, 2.003}, source)->from, 135'090);
  EXPECT_EQ(plan_trim({1.501, 2.003}, source)->to, 180'270);
  EXPECT_EQ(plan_trim({1.501, 0}, source_at({}))->from, 135'090) << "the rate is not known";
  source.chosen_video = -1;
  EXPECT_EQ(plan_trim({1.501, 2.003}, source)->from, 135'090);
}

TEST(Trim, NothingAskedIsNothingDecided) {
  const auto trim = plan_trim({}, source_at({25, 1}));
  ASSERT_TRUE(trim.ok());
  EXPECT_EQ(trim->from, 0);
  EXPECT_EQ(trim->to, 0);
  EXPECT_THAT(trim->decisions, IsEmpty());
}

TEST(Trim, TheDecisionSaysWhatWasCutAndWhy) {
  const auto trim = plan_trim({1.5, 10}, source_at({25, 1}));
  ASSERT_EQ(trim->decisions.size(), 1U);
  EXPECT_EQ(trim->decisions[0].choice, "1.52 s to 10 s");
  EXPECT_EQ(trim->decisions[0].reason, "asked for; cut on whole frames of 25 fps");
}

TEST(Trim, AnEndPastTheSourcesIsTheSources) {
  const auto trim = plan_trim({1, 100}, source_at({25, 1}));
  ASSERT_TRUE(trim.ok());
  EXPECT_EQ(trim->to, 0);
  EXPECT_EQ(trim->decisions[0].choice, "1 s to the end");
  EXPECT_THAT(trim->decisions[0].reason, HasSubstr("the source is 62.32 s long, no more is there"));
}

TEST(Trim, APartWithoutAFrameIsRefused) {
  Status status = plan_trim({62.32, 0}, source_at({25, 1})).status();
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.field(), "trim.from");
  EXPECT_EQ(status.message(), "trim.from: 62.32 s is past the end: the source is 62.32 s long");
  EXPECT_FALSE(plan_trim({62.3, 0}, source_at({25, 1})).ok()) << "the last frame begins at 62.28";
  EXPECT_TRUE(plan_trim({62.28, 0}, source_at({25, 1})).ok());
  status = plan_trim({1.01, 1.03}, source_at({25, 1})).status();
  EXPECT_EQ(status.field(), "trim.to");
  EXPECT_THAT(status.message(), HasSubstr("no frame begins between 1.01 s and 1.03 s"));
}

TEST(Trim, ASourceThatDoesNotSayItsLengthIsBelieved) {
  const auto trim = plan_trim({100, 200}, source_at({25, 1}, 0));
  ASSERT_TRUE(trim.ok());
  EXPECT_EQ(trim->from, 9'000'000);
  EXPECT_EQ(trim->to, 18'000'000);
}

TEST(Trim, AMerePromiseOfALengthRefusesNothingAndEndsNothing) {
  Source source = source_at({25, 1}, 4);
  source.length_promised = true;
  const auto trim = plan_trim({6, 10}, source);
  ASSERT_TRUE(trim.ok()) << to_string(trim.status());
  EXPECT_EQ(trim->from, 540'000);
  EXPECT_EQ(trim->to, 900'000);
  EXPECT_EQ(plan_trim({1, 10}, source)->to, 900'000);
}

}  // namespace
}  // namespace millrace::engine
