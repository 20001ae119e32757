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
    EXPECT_TRUE(clock.push(std::move(frame)).ok()) << each;
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

TEST(FrameClock, ATrimMovesTheGridToItsFirstPicture) {
  // 24000/1001 in milliseconds, the trim at the third picture: 2 * 3753.75 is 7507.5.
  FrameTiming timing{{1, 1000}, 0, {24000, 1001}, true, true};
  timing.trim_from = 7508;
  EXPECT_THAT(ticks_of(timing, {0, 42, 83, 125, 167}), ElementsAre(-7508, -3754, 0, 3754, 7508));
  timing.has_timestamps = false;
  EXPECT_THAT(ticks_of(timing, {0, 0, 0, 0}), ElementsAre(-7508, -3754, 0, 3754));
}

TEST(FrameClock, ATrimOfAVariableRateIsExact) {
  FrameTiming timing{{1, 1000}, 0, {30, 1}, false, true};
  timing.trim_from = 10'000;
  EXPECT_THAT(ticks_of(timing, {0, 33, 600}), ElementsAre(-10'000, -7030, 44'000));
}

Status status_of(const FrameTiming& timing, const std::vector<std::int64_t>& pts) {
  SegmentTally tally;
  CollectingSink sink;
  FrameClock clock(timing, tally, sink);
  for (const std::int64_t each : pts) {
    FramePtr frame = picture(0);
    frame->best_effort_timestamp = each;
    if (Status status = clock.push(std::move(frame)); !status.ok()) return status;
  }
  return {};
}

TEST(FrameClock, RefusesAPictureThatLastsForYears) {
  FrameTiming timing{{1, 1}, 0, {1, 1}, false, true};
  timing.path = "/a/b.mp4";
  EXPECT_TRUE(status_of(timing, {0, 1, 40'000}).ok()) << "eleven hours";
  const Status status = status_of(timing, {0, 1, 2'147'483'647});
  EXPECT_EQ(status.code(), Code::corrupt_input);
  EXPECT_THAT(status.message(),
              testing::StartsWith("/a/b.mp4: at 1.000 s: the next picture's timestamp lies "));
}

TEST(FrameClock, RefusesAJumpBackThatARangeFromTheMiddleWouldNotSee) {
  FrameTiming timing{{1, 90'000}, 0, {25, 1}, true, true};
  timing.read_from_start = false;
  EXPECT_EQ(status_of(timing, {900'000, 903'600, 0}).code(), Code::corrupt_input);
  EXPECT_TRUE(status_of(timing, {900'000, 903'600, 900'000}).ok()) << "a stumble is none";
}

TEST(FrameClock, DoesNotBelieveALastPictureOfYears) {
  SegmentTally tally;
  CollectingSink sink;
  FrameClock clock({{1, 1000}, 0, {25, 1}, false, true}, tally, sink);
  FramePtr frame = picture(0);
  set_duration(*frame, std::int64_t{68} * 365 * 86'400 * 1000);
  ASSERT_TRUE(clock.push(std::move(frame)).ok());
  ASSERT_TRUE(clock.finish().ok());
  EXPECT_EQ(tally.source_end(), 3600);
}

}  // namespace
}  // namespace millrace::engine
