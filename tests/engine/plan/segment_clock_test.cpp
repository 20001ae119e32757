#include "engine/plan/segment_clock.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

TEST(SegmentClock, SegmentsOfAConstantRateHoldWholeFrames) {
  EXPECT_EQ(SegmentClock::for_rate(4, {30000, 1001}, true).segment_ticks(), 360'360);  // 120 frames
  EXPECT_EQ(SegmentClock::for_rate(4, {24000, 1001}, true).segment_ticks(), 360'360);  // 96 frames
  EXPECT_EQ(SegmentClock::for_rate(4, {25, 1}, true).segment_ticks(), 360'000);
  EXPECT_EQ(SegmentClock::for_rate(2, {60, 1}, true).segment_ticks(), 180'000);
  EXPECT_EQ(SegmentClock::for_rate(1, {12, 1}, true).segment_ticks(), 90'000);
  EXPECT_EQ(SegmentClock::for_rate(1.5, {25, 1}, true).segment_ticks(), 136'800);  // 38 frames
}

TEST(SegmentClock, AveragesNearAUsualRateTakeItsGrid) {
  EXPECT_EQ(SegmentClock::for_rate(4, {2997, 100}, true).segment_ticks(), 360'360);
  EXPECT_EQ(SegmentClock::for_rate(4, {299697, 10000}, true).segment_ticks(), 360'360);
  EXPECT_EQ(SegmentClock::for_rate(4, {25001, 1000}, true).segment_ticks(), 360'000);
}

TEST(SegmentClock, ABoundaryIsNeverLaterThanItsFrame) {
  const Rational rate{7, 3};
  const SegmentClock clock = SegmentClock::for_rate(4, rate, true);  // 9 frames, 347142.86 ticks
  EXPECT_EQ(clock.segment_ticks(), 347'142);
}

TEST(SegmentClock, OfASlowSourceHoldsAFrame) {
  EXPECT_EQ(SegmentClock::for_rate(4, {1, 10}, true).segment_ticks(), 900'000);
}

TEST(SegmentClock, UnknownAndVariableRatesTakePlainSeconds) {
  EXPECT_EQ(SegmentClock::for_rate(4, {}, true).segment_ticks(), 360'000);
  EXPECT_EQ(SegmentClock::for_rate(4, {30000, 1001}, false).segment_ticks(), 360'000);
  EXPECT_EQ(SegmentClock::for_rate(2.5, {}, false).segment_ticks(), 225'000);
}

TEST(SegmentClock, ATimestampLiesInTheSegmentThatOpensAtOrBeforeIt) {
  const SegmentClock clock(360'000);
  EXPECT_EQ(clock.segment_at(-1), 0);
  EXPECT_EQ(clock.segment_at(359'999), 0);
  EXPECT_EQ(clock.segment_at(360'000), 1);
  EXPECT_EQ(clock.start_of(3), 1'080'000);
}

TEST(SegmentClock, CountsTheLastPartAndAtLeastOne) {
  const SegmentClock clock(360'000);
  EXPECT_EQ(clock.count_for(62.32), 16);
  EXPECT_EQ(clock.count_for(8), 2);
  EXPECT_EQ(clock.count_for(8.001), 3);
  EXPECT_EQ(clock.count_for(0), 1);
}

}  // namespace
}  // namespace millrace::engine
