#include "engine/pipeline/decode_times.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

// Every rule of decode times at once.
void expect_valid(const std::vector<std::int64_t>& pts, const std::vector<std::int64_t>& dts,
                  std::int64_t shift) {
  ASSERT_EQ(dts.size(), pts.size());
  EXPECT_EQ(dts.front(), pts.front() - shift);
  for (std::size_t i = 0; i < dts.size(); ++i) EXPECT_LE(dts[i], pts[i]) << i;
  EXPECT_EQ(std::adjacent_find(dts.begin(), dts.end(), std::greater_equal<>()), dts.end());
}

TEST(ReorderShift, IsThatManyFramesRoundedUp) {
  EXPECT_EQ(reorder_shift(2, {25, 1}), 7200);
  EXPECT_EQ(reorder_shift(2, {30000, 1001}), 6006);
  EXPECT_EQ(reorder_shift(2, {24000, 1001}), 7508);  // 7507.5
  EXPECT_EQ(reorder_shift(1, {}), 3600);
  EXPECT_EQ(reorder_shift(0, {25, 1}), 0);
}

TEST(DecodeTimes, AreThePlacesOfFramesLessTheShiftAtAConstantRate) {
  // I P B B P b: reorder depth 2
  EXPECT_THAT(decode_times({0, 400, 200, 100, 300, 500}, 200), ElementsAre(-200, -100, 0, 100, 200, 300));
}

TEST(DecodeTimes, AreThePresentationTimesWithoutReordering) {
  EXPECT_THAT(decode_times({5, 9, 20}, 0), ElementsAre(5, 9, 20));
}

TEST(DecodeTimes, NeverPassTheirFrameWhenARateVaries) {
  // After a long still three frames in a hurry: the shift does not cover the gap.
  const std::vector<std::int64_t> pts{0, 100'000, 50'000, 100, 100'100, 100'200};
  expect_valid(pts, decode_times(pts, 200), 200);
}

TEST(DecodeTimes, OfSegmentsMadeApartJoin) {
  const std::vector<std::int64_t> one{0, 90'000, 3600, 90'100};
  const std::vector<std::int64_t> next{90'200, 300'000, 90'300, 90'400};
  const auto before = decode_times(one, 7200);
  const auto after = decode_times(next, 7200);
  expect_valid(one, before, 7200);
  expect_valid(next, after, 7200);
  EXPECT_LT(before.back(), after.front());
}

}  // namespace
}  // namespace millrace::engine
