#include "bench/luma_plane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace millrace::bench {
namespace {

using kernels::Filter;

TEST(LumaPlane, AZonePlateIsBrightInTheMiddleAndHoldsTheFinestDetailAtItsSides) {
  const LumaPlane plate = zone_plate({64, 32});
  ASSERT_EQ(plate.samples.size(), 64U * 32);
  const auto row = plate.samples.begin() + 16 * 64;
  EXPECT_EQ(row[32], 235);
  EXPECT_THAT(plate.samples, ::testing::Each(::testing::AllOf(::testing::Ge(16), ::testing::Le(235))));
  int turns = 0;
  for (int x = 57; x < 63; ++x) turns += (row[x] - row[x - 1]) * (row[x + 1] - row[x]) < 0 ? 1 : 0;
  EXPECT_GE(turns, 5) << "half a period a sample";
}

TEST(LumaPlane, ADifferenceOfOneCodeIsFortyEightDecibels) {
  LumaPlane a{{4, 4}, std::vector<std::uint8_t>(16, 100)};
  LumaPlane b = a;
  EXPECT_EQ(decibels(a, b), kSameDecibels);
  for (std::uint8_t& each : b.samples) ++each;
  EXPECT_NEAR(decibels(a, b), 20 * std::log10(255.0), 1e-9);
}

TEST(LumaPlane, EachFilterIsLibswscalesOwnAndFlatStaysFlat) {
  const LumaPlane flat{{64, 64}, std::vector<std::uint8_t>(64 * 64, 77)};
  const LumaPlane plate = zone_plate({64, 64});
  for (const Filter filter : {Filter::bicubic, Filter::lanczos3}) {
    const auto small = scaled_by_swscale(flat, {24, 20}, filter);
    ASSERT_TRUE(small.ok()) << small.status().message();
    EXPECT_EQ(small->samples, std::vector<std::uint8_t>(24 * 20, 77));
    const auto same = scaled_by_swscale(plate, {64, 64}, filter);
    EXPECT_EQ(decibels(*same, plate), kSameDecibels);
  }
  const auto bicubic = scaled_by_swscale(plate, {40, 40}, Filter::bicubic);
  const auto lanczos = scaled_by_swscale(plate, {40, 40}, Filter::lanczos3);
  EXPECT_LT(decibels(*bicubic, *lanczos), 60);
}

}  // namespace
}  // namespace millrace::bench
