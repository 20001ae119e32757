#include "engine/package/adaptive_track.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

FinishedSegment segment(double seconds, std::int64_t bytes) {
  FinishedSegment made;
  made.duration = static_cast<std::int64_t>(seconds * 90'000);
  made.bytes = bytes;
  return made;
}

TEST(Bandwidth, PeakIsTheDensestSegmentAndAverageIsOfAll) {
  AdaptiveTrack track;
  track.segments = {segment(4, 1'000'000), segment(4, 2'000'000), segment(4, 600'000)};
  EXPECT_EQ(bandwidth_of(track, 4).peak, 4'000'000);
  EXPECT_EQ(bandwidth_of(track, 4).average, 2'400'000);
}

TEST(Bandwidth, AShortEndIsNoPeakButCountsInTheAverage) {
  AdaptiveTrack track;
  track.segments = {segment(4, 1'000'000), segment(0.5, 500'000)};
  EXPECT_EQ(bandwidth_of(track, 4).average, 2'666'667);
  EXPECT_EQ(bandwidth_of(track, 4).peak, 2'666'667);
}

TEST(Bandwidth, PeakIsAtLeastWhatWasPlanned) {
  AdaptiveTrack track;
  track.planned_bits_per_second = 5'000'000;
  EXPECT_EQ(bandwidth_of(track, 4).peak, 5'000'000);
  EXPECT_EQ(bandwidth_of(track, 4).average, 0);
}

TEST(AdaptiveTrack, EndsWhereItsLastSegmentEnds) {
  AdaptiveTrack track;
  EXPECT_EQ(track.end_seconds(), 0);
  track.segments = {segment(4, 1), segment(2, 1)};
  track.segments[1].start = 4 * 90'000;
  EXPECT_EQ(track.end_seconds(), 6);
}

}  // namespace
}  // namespace millrace::engine
