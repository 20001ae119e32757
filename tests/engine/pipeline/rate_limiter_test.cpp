#include "engine/pipeline/rate_limiter.h"

#include <gmock/gmock.h>

extern "C" {
#include <libavutil/mathematics.h>
}

#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> limited(const Rational& rate, const std::vector<std::int64_t>& pts,
                                  std::int64_t segment_ticks = 360'000) {
  CollectingSink sink;
  RateLimiter limiter(rate, SegmentClock(segment_ticks), sink);
  for (const std::int64_t each : pts) EXPECT_TRUE(limiter.push(picture(each)).ok());
  EXPECT_TRUE(limiter.finish().ok());
  EXPECT_TRUE(sink.finished);
  return sink.pts;
}

TEST(RateLimiter, LetsAllThroughWithoutALimit) { EXPECT_EQ(limited({}, {0, 1, 2}).size(), 3u); }

TEST(RateLimiter, HalvesSixtyToThirty) {
  EXPECT_THAT(limited({30, 1}, {0, 1500, 3000, 4500, 6000}), ElementsAre(0, 3000, 6000));
}

TEST(RateLimiter, DropsEvenlyFromFiftyToThirty) {
  EXPECT_THAT(limited({30, 1}, {0, 1800, 3600, 5400, 7200, 9000}), ElementsAre(0, 3600, 7200, 9000));
}

TEST(RateLimiter, KeepsEveryFrameOfASlowerSource) {
  EXPECT_THAT(limited({30, 1}, {0, 3003, 6006, 9009}), ElementsAre(0, 3003, 6006, 9009));
}

TEST(RateLimiter, KeepsTheFirstFrameOfEverySegment) {
  EXPECT_THAT(limited({1, 1}, {0, 40'000, 80'000, 100'000, 140'000}, 100'000), ElementsAre(0, 100'000));
}

TEST(RateLimiter, KeepsAFractionalRateExactly) {
  std::vector<std::int64_t> pts;
  for (int i = 0; i < 240; ++i) pts.push_back(av_rescale(i, 90'000 * 1001, 60'000));
  EXPECT_EQ(limited({30000, 1001}, pts).size(), 120u);
}

}  // namespace
}  // namespace millrace::engine
