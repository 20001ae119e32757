#include "engine/pipeline/range_gate.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

class RangeGateTest : public testing::Test {
 protected:
  void push(RangeGate& gate, const std::vector<std::int64_t>& pts) {
    for (const std::int64_t each : pts) ASSERT_TRUE(gate.push(picture(each)).ok());
  }

  const SegmentClock clock_{1000};
  SegmentTally tally_;
  CollectingSink sink_;
};

TEST_F(RangeGateTest, PassesTheFramesOfItsSegments) {
  RangeGate gate(clock_, 1, 3, 0, tally_, sink_);
  push(gate, {0, 600, 1200, 1800, 2400, 3000, 3600});
  EXPECT_THAT(sink_.pts, ElementsAre(1200, 1800, 2400));
  EXPECT_TRUE(gate.past_end());
  EXPECT_EQ(gate.end_segment(), 3);
  EXPECT_EQ(tally_.frames_in(1), 2);
  EXPECT_EQ(tally_.frames_in(2), 1);
  ASSERT_TRUE(gate.finish().ok());
  EXPECT_EQ(tally_.range_end(), 3000);
}

TEST_F(RangeGateTest, EndsWithTheSource) {
  RangeGate gate(clock_, 0, -1, 0, tally_, sink_);
  push(gate, {0, 600, 1200});
  tally_.set_source_end(1800);
  ASSERT_TRUE(gate.finish().ok());
  EXPECT_FALSE(gate.past_end());
  EXPECT_EQ(gate.end_segment(), 2);
  EXPECT_EQ(tally_.range_end(), 1800);
}

TEST_F(RangeGateTest, OpensASegmentWithoutAFrameWithTheOneBefore) {
  RangeGate gate(clock_, 0, -1, 0, tally_, sink_);
  push(gate, {0, 500, 3500});
  EXPECT_THAT(sink_.pts, ElementsAre(0, 500, 1000, 2000, 3500));
  EXPECT_EQ(sink_.frames[2]->data[0], sink_.frames[1]->data[0]) << "the same picture";
}

TEST_F(RangeGateTest, AgreesAboutEmptySegmentsWithARangeThatBeginsInOne) {
  RangeGate first(clock_, 0, 2, 0, tally_, sink_);
  push(first, {0, 500, 3500});
  EXPECT_THAT(sink_.pts, ElementsAre(0, 500, 1000));
  EXPECT_EQ(tally_.range_end(), 2000);
  SegmentTally rest_tally;
  CollectingSink rest_sink;
  RangeGate rest(clock_, 2, -1, 0, rest_tally, rest_sink);
  push(rest, {0, 500, 3500});
  EXPECT_THAT(rest_sink.pts, ElementsAre(2000, 3500));
}

TEST_F(RangeGateTest, EndsAtTheEdgeOfTheSegmentItIsIn) {
  RangeGate gate(clock_, 1, -1, 0, tally_, sink_);
  push(gate, {0, 1200, 1800});
  gate.end_at_edge(0);
  push(gate, {1900, 2400, 2800});
  EXPECT_THAT(sink_.pts, ElementsAre(1200, 1800, 1900));
  EXPECT_TRUE(gate.past_end());
  EXPECT_EQ(gate.end_segment(), 2);
  EXPECT_FALSE(gate.at_end_of_media());
  EXPECT_EQ(tally_.range_end(), 2400);
}

TEST_F(RangeGateTest, EndsNoEarlierThanItIsToldAndNoLaterThanItWas) {
  RangeGate late(clock_, 0, -1, 0, tally_, sink_);
  late.end_at_edge(2);
  push(late, {0, 1000, 2000});
  EXPECT_EQ(late.end_segment(), 2);
  RangeGate bounded(clock_, 0, 1, 0, tally_, sink_);
  bounded.end_at_edge(5);
  push(bounded, {0, 1000});
  EXPECT_EQ(bounded.end_segment(), 1);
  RangeGate unbegun(clock_, 3, -1, 0, tally_, sink_);
  unbegun.end_at_edge(0);
  push(unbegun, {3000, 4000});
  EXPECT_EQ(unbegun.end_segment(), 4) << "one segment at least";
}

// Grids of seconds, as jobs have; a millisecond is 90 ticks.
class TrimmedRangeGateTest : public testing::Test {
 protected:
  void push(RangeGate& gate, const std::vector<std::int64_t>& pts) {
    for (const std::int64_t each : pts) {
      if (gate.past_end()) return;
      EXPECT_TRUE(gate.push(picture(each)).ok());
    }
  }
  std::vector<std::int64_t> range(std::int64_t first, std::int64_t end, std::int64_t end_ticks,
                                  const std::vector<std::int64_t>& pts) {
    SegmentTally tally;
    CollectingSink sink;
    RangeGate gate(SegmentClock(90'000), first, end, end_ticks, tally, sink);
    push(gate, pts);
    tally.set_source_end(pts.back() + 3600);
    EXPECT_TRUE(gate.finish().ok());
    range_end_ = tally.range_end();
    at_end_of_media_ = gate.at_end_of_media();
    return sink.pts;
  }
  std::int64_t range_end_ = 0;
  bool at_end_of_media_ = false;
};

TEST_F(TrimmedRangeGateTest, BeginsAtZeroAndEndsWhereTheTrimDoes) {
  EXPECT_THAT(range(0, -1, 10'800, {-7200, -3600, 0, 3600, 7200, 10'800, 14'400}),
              ElementsAre(0, 3600, 7200));
  EXPECT_EQ(range_end_, 10'800);
  EXPECT_TRUE(at_end_of_media_);
}

TEST_F(TrimmedRangeGateTest, TakesATickOfRoundingForTheEdge) {
  EXPECT_THAT(range(0, -1, 11'261, {0, 3754, 7508, 11'262, 15'015}), ElementsAre(0, 3754, 7508));
  EXPECT_EQ(range_end_, 11'262);
  EXPECT_THAT(range(0, -1, 11'261, {0, 3754, 7508, 11'260, 15'015}), ElementsAre(0, 3754, 7508));
  EXPECT_THAT(range(0, -1, 0, {-3000, 60, 3660}), ElementsAre(0, 3660)) << "0.7 ms late is 0";
}

TEST_F(TrimmedRangeGateTest, OpensWithThePictureThatIsOnShow) {
  EXPECT_THAT(range(0, -1, 0, {-50'000, 20'000, 30'000}), ElementsAre(0, 20'000, 30'000));
  EXPECT_THAT(range(0, -1, 0, {-50'000, 200'000}), ElementsAre(0, 90'000, 200'000));
  EXPECT_THAT(range(0, -1, 0, {-90'000, -50'000}), ElementsAre(0)) << "the source's last picture";
}

TEST_F(TrimmedRangeGateTest, ATrimWithinOneStillIsThatStill) {
  EXPECT_THAT(range(0, -1, 200'000, {-50'000, 400'000}), ElementsAre(0, 90'000, 180'000));
  EXPECT_EQ(range_end_, 200'000);
  EXPECT_TRUE(at_end_of_media_);
}

TEST_F(TrimmedRangeGateTest, MakesNoSegmentOfALastSliver) {
  EXPECT_THAT(range(0, -1, 180'500, {0, 3600, 400'000}), ElementsAre(0, 3600, 90'000));
  EXPECT_EQ(range_end_, 180'500);
}

TEST_F(TrimmedRangeGateTest, RangesAgreeAboutTheEnd) {
  const std::vector<std::int64_t> pts = {-3600, 0, 3600, 80'000, 100'000, 400'000};
  EXPECT_THAT(range(0, -1, 300'000, pts), ElementsAre(0, 3600, 80'000, 100'000, 180'000, 270'000));
  EXPECT_THAT(range(0, 2, 300'000, pts), ElementsAre(0, 3600, 80'000, 100'000));
  EXPECT_EQ(range_end_, 180'000);
  EXPECT_FALSE(at_end_of_media_);
  EXPECT_THAT(range(2, -1, 300'000, pts), ElementsAre(180'000, 270'000));
  EXPECT_TRUE(at_end_of_media_);
  EXPECT_THAT(range(2, 4, 300'000, pts), ElementsAre(180'000, 270'000));
  EXPECT_TRUE(at_end_of_media_) << "the range and the media end together";
}

TEST_F(TrimmedRangeGateTest, ASourceShorterThanTheTrimEndsItself) {
  EXPECT_THAT(range(0, -1, 900'000, {0, 3600}), ElementsAre(0, 3600));
  EXPECT_EQ(range_end_, 7200);
  EXPECT_TRUE(at_end_of_media_);
}

}  // namespace
}  // namespace millrace::engine
