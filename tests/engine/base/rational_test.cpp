#include "engine/base/rational.h"

#include <gtest/gtest.h>

#include <limits>

namespace millrace::engine {
namespace {

TEST(Rational, ReadsWholeDecimalAndRatio) {
  EXPECT_EQ(rational_from("25"), (Rational{25, 1}));
  EXPECT_EQ(rational_from("29.97"), (Rational{2997, 100}));
  EXPECT_EQ(rational_from("30000/1001"), (Rational{30000, 1001}));
  EXPECT_EQ(rational_from("50/2")->numerator, 25) << "in lowest terms";
  for (const char* text : {"", "x", "-25", "25/0", "/1", "1/", "1.", ".5", "1e3", "2 5", "1.0000000", "1/2/3",
                           "9999999999999999999"})
    EXPECT_EQ(rational_from(text), std::nullopt) << text;
}

TEST(Rational, WritesTheShortestForm) {
  EXPECT_EQ(to_string(Rational{50, 2}), "25");
  EXPECT_EQ(to_string(Rational{60000, 2002}), "30000/1001");
  EXPECT_EQ(to_string(Rational{0, 5}), "0");
}

TEST(Rational, ComparesByValue) {
  EXPECT_EQ((Rational{60000, 2002}), (Rational{30000, 1001}));
  EXPECT_LT((Rational{30000, 1001}), (Rational{30, 1}));
  EXPECT_FALSE((Rational{30, 1}) < (Rational{60, 2}));
}

TEST(Rational, ZeroIsNotKnown) {
  EXPECT_FALSE(Rational().known());
  EXPECT_FALSE((Rational{1, 0}).known());
  EXPECT_FALSE((Rational{-1, 1}).known());
  EXPECT_TRUE((Rational{1, 90'000}).known());
  EXPECT_EQ((Rational{1, 0}).as_double(), 0.0);
}

TEST(ScaleRounded, GoesToTheNearestHalvesAwayFromZero) {
  EXPECT_EQ(scale_rounded(1, {1, 2}), 1);
  EXPECT_EQ(scale_rounded(-1, {1, 2}), -1);
  EXPECT_EQ(scale_rounded(1, {1, 3}), 0);
  EXPECT_EQ(scale_rounded(2, {1, 3}), 1);
  EXPECT_EQ(scale_rounded(-2, {1, 3}), -1);
  EXPECT_EQ(scale_rounded(33'333, {90'000, 1'000'000}), 3000);
}

TEST(ScaleRounded, DoesNotOverflowInBetween) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(scale_rounded(kMost, {90'000, 90'000}), kMost);
  EXPECT_EQ(scale_rounded(kMost / 90'000, {90'000, 1}), kMost / 90'000 * 90'000);
}

}  // namespace
}  // namespace millrace::engine
