#include "engine/pipeline/frame_rate_guess.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace::engine {
namespace {

std::vector<std::int64_t> times(double rate, double units_per_second, int count) {
  std::vector<std::int64_t> pts;
  for (int i = 0; i < count; ++i) pts.push_back(std::llround(i / rate * units_per_second));
  return pts;
}

TEST(FrameRateGuess, FindsTheUsualRatesInMilliseconds) {
  const FrameRateGuess guess = guess_frame_rate(times(30000.0 / 1001, 1000, 200), {1, 1000}, {});
  EXPECT_EQ(guess.rate, (Rational{30000, 1001}));
  EXPECT_FALSE(guess.variable);
}

TEST(FrameRateGuess, DoesNotBelieveADeclarationThatTheTimesDeny) {
  const FrameRateGuess guess = guess_frame_rate(times(30, 1000, 30), {1, 1000}, {1000, 1});
  EXPECT_EQ(guess.rate, (Rational{30, 1}));
  EXPECT_FALSE(guess.variable);
}

TEST(FrameRateGuess, KeepsAnUnusualDeclaredRateThatFits) {
  const FrameRateGuess guess =
      guess_frame_rate(times(45000.0 / 1499, 90'000, 36), {1, 90'000}, {45000, 1499});
  EXPECT_EQ(guess.rate, (Rational{45000, 1499}));
  EXPECT_FALSE(guess.variable);
}

TEST(FrameRateGuess, CallsGapsVariable) {
  std::vector<std::int64_t> pts = times(25, 90'000, 50);
  for (std::size_t i = 20; i < pts.size(); ++i) pts[i] += 54'000;
  const FrameRateGuess guess = guess_frame_rate(pts, {1, 90'000}, {18, 1});
  EXPECT_TRUE(guess.variable);
  EXPECT_EQ(guess.rate, (Rational{18, 1}));
}

TEST(FrameRateGuess, TakesTimesInAnyOrder) {
  const FrameRateGuess guess = guess_frame_rate({0, 10'800, 3600, 7200}, {1, 90'000}, {});
  EXPECT_EQ(guess.rate, (Rational{25, 1}));
  EXPECT_FALSE(guess.variable);
}

TEST(FrameRateGuess, SaysNothingOfOneFrame) {
  EXPECT_FALSE(guess_frame_rate({7}, {1, 90'000}, {}).rate.known());
  EXPECT_EQ(guess_frame_rate({7}, {1, 90'000}, {25, 1}).rate, (Rational{25, 1}));
}

}  // namespace
}  // namespace millrace::engine
