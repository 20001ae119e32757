#include "engine/plan/job_times.h"

#include <gtest/gtest.h>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

Plan plan_at(std::int64_t first_pts, const Rational& time_base, std::int64_t trim_from = 0) {
  Plan plan;
  plan.source = test::full_hd();
  plan.source.video[0].first_pts = first_pts;
  plan.source.video[0].time_base = time_base;
  plan.trim_from = trim_from;
  return plan;
}

TEST(JobTimes, ZeroIsTheFirstPicture) {
  EXPECT_EQ(origin_pts(plan_at(12'800, {1, 12'800}), {1, 12'800}), 12'800);
  EXPECT_EQ(origin_pts(plan_at(12'800, {1, 12'800}), {1, 48'000}), 48'000);
  EXPECT_EQ(origin_pts(plan_at(-512, {1, 12'800}), {1, 1000}), -40);
}

TEST(JobTimes, ATrimMovesZero) {
  EXPECT_EQ(origin_pts(plan_at(0, {1, 12'800}, 90'000), {1, 12'800}), 12'800);
  EXPECT_EQ(origin_pts(plan_at(1001, {1001, 30'000}, 3003), {1, 30'000}), 1001 * 1001 + 1001);
  EXPECT_EQ(origin_pts(plan_at(0, {1, 1000}, 3003), {1, 1000}), 33) << "33.37 ms, to the nearest unit";
}

TEST(JobTimes, FarIntoALongSourceNothingOverflows) {
  // 30 hours in nanoseconds and in the finest sound.
  EXPECT_EQ(origin_pts(plan_at(108'000'000'000'000, {1, 1'000'000'000}, 90'000), {1, 192'000}),
            108'001LL * 192'000);
  EXPECT_EQ(origin_pts(plan_at(INT64_MAX, {1, 90'000}), {1, 90'000}), INT64_MAX);
}

TEST(JobTimes, WithoutAPictureZeroIsTheFirstSound) {
  Plan plan = plan_at(777, {1, 90'000});
  plan.source.video[0].attached_picture = true;
  plan.source.audio[0].first_pts = 1105;
  plan.source.audio[0].time_base = {1, 44'100};
  EXPECT_EQ(origin_pts(plan, {1, 44'100}), 1105);
}

struct LengthCase {
  double video, container;
  std::int64_t from, to;
  double expected;
};

TEST(JobTimes, MediaIsAsLongAsThePictureAfterTheTrim) {
  for (const LengthCase& each : {LengthCase{62, 64, 0, 0, 62},
                                 {0, 64, 0, 0, 64},
                                 {62, 64, 180'000, 0, 60},
                                 {62, 64, 180'000, 900'000, 8},
                                 {62, 64, 0, 9'000'000, 62},
                                 {0, 0, 180'000, 900'000, 8},
                                 {0, 0, 180'000, 0, 0},
                                 {0, 0, 0, 0, 0}}) {
    Plan plan = plan_at(0, {1, 90'000}, each.from);
    plan.trim_to = each.to;
    plan.source.video[0].duration_seconds = each.video;
    plan.source.duration_seconds = each.container;
    EXPECT_DOUBLE_EQ(media_seconds(plan), each.expected)
        << each.video << " " << each.container << " " << each.from << " " << each.to;
  }
}

TEST(JobTimes, AMerePromiseIsExpectedButNotKnown) {
  Plan plan = plan_at(0, {1, 90'000});
  plan.source.video[0].duration_seconds = plan.source.duration_seconds = 4;
  EXPECT_DOUBLE_EQ(expected_seconds(plan), 4);
  plan.source.length_promised = true;
  EXPECT_DOUBLE_EQ(media_seconds(plan), 0);
  EXPECT_DOUBLE_EQ(expected_seconds(plan), 4);
  plan.trim_from = 540'000;
  EXPECT_DOUBLE_EQ(expected_seconds(plan), 0);
  plan.trim_to = 900'000;
  EXPECT_DOUBLE_EQ(media_seconds(plan), 4) << "the trim's own length";
}

TEST(JobTimes, WithoutAPictureMediaIsAsLongAsItsMainSound) {
  Plan plan = plan_at(0, {1, 90'000});
  plan.source.chosen_video = -1;
  plan.source.audio[0].duration_seconds = 10.03;
  EXPECT_DOUBLE_EQ(media_seconds(plan), 10.03);
}

}  // namespace
}  // namespace millrace::engine
