#include "engine/pipeline/frame_clock.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> ticks_of(const FrameTiming& timing, const std::vector<std::int64_t>& pts,
                                   std::int64_t* end = nullptr) {
  SegmentTally tally;
  CollectingSink sink;
  FrameClock clock(timing, tally, sink);
  for (const std::int64_t each : pts) {
    FramePtr frame = picture(0);
    frame->best_effort_timestamp = each;
    EXPECT_TRUE(clock.push(std::move(frame)).ok());
  }
  EXPECT_TRUE(clock.finish().ok());
  if (end != nullptr) *end = tally.source_end();
  return sink.pts;
}

TEST(FrameClock, CountsTicksSinceTheFirstPicture) {
  std::int64_t end = 0;
  EXPECT_THAT(ticks_of({{1, 12'800}, 1024, {25, 1}, true, true}, {1024, 1536, 2048}, &end),
              ElementsAre(0, 3600, 7200));
  EXPECT_EQ(end, 10'800);
}

TEST(FrameClock, TakesMillisecondsOfAConstantRateForRounding) {
  std::int64_t end = 0;
  EXPECT_THAT(ticks_of({{1, 1000}, 0, {30000, 1001}, true, true}, {0, 33, 67, 100, 133}, &end),
              ElementsAre(0, 3003, 6006, 9009, 12012));
  EXPECT_EQ(end, 15'015);
}

TEST(FrameClock, KeepsTheTrueTimesOfAVariableRate) {
  EXPECT_THAT(ticks_of({{1, 1000}, 0, {30, 1}, false, true}, {0, 33, 600, 640}),
              ElementsAre(0, 2970, 54'000, 57'600));
}

TEST(FrameClock, MakesTimesFromTheRateWhereThereAreNone) {
  constexpr std::int64_t kNone = AV_NOPTS_VALUE;
  EXPECT_THAT(ticks_of({{1, 1'200'000}, 0, {24000, 1001}, true, false}, {kNone, kNone, 7, kNone}),
              ElementsAre(0, 3754, 7508, 11'261));
  EXPECT_THAT(ticks_of({{1, 90'000}, 0, {25, 1}, true, true}, {0, kNone, 7200}), ElementsAre(0, 3600, 7200));
}

TEST(FrameClock, NeverGoesBack) {
  EXPECT_THAT(ticks_of({{1, 90'000}, 0, {25, 1}, false, true}, {0, 3600, 3600, 7200}),
              ElementsAre(0, 3600, 5400, 7200));
}

TEST(FrameClock, GoesOnWithoutAJumpBack) {
  EXPECT_THAT(ticks_of({{1, 90'000}, 900'000, {25, 1}, true, true}, {900'000, 903'600, 0, 3600}),
              ElementsAre(0, 3600, 7200, 10'800));
}

TEST(FrameClock, AgreesWithItselfFromTheMiddleOfTheSource) {
  const FrameTiming timing{{1, 1000}, 23, {30000, 1001}, true, true};
  const auto whole = ticks_of(timing, {23, 56, 90, 123, 156, 190});
  const auto rest = ticks_of(timing, {123, 156, 190});
  EXPECT_THAT(rest, ElementsAre(whole[3], whole[4], whole[5]));
}

}  // namespace
}  // namespace millrace::engine
