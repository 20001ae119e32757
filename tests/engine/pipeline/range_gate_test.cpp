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
  RangeGate gate(clock_, 1, 3, tally_, sink_);
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
  RangeGate gate(clock_, 0, -1, tally_, sink_);
  push(gate, {0, 600, 1200});
  tally_.set_source_end(1800);
  ASSERT_TRUE(gate.finish().ok());
  EXPECT_FALSE(gate.past_end());
  EXPECT_EQ(gate.end_segment(), 2);
  EXPECT_EQ(tally_.range_end(), 1800);
}

TEST_F(RangeGateTest, OpensASegmentWithoutAFrameWithTheOneBefore) {
  RangeGate gate(clock_, 0, -1, tally_, sink_);
  push(gate, {0, 500, 3500});
  EXPECT_THAT(sink_.pts, ElementsAre(0, 500, 1000, 2000, 3500));
  EXPECT_EQ(sink_.frames[2]->data[0], sink_.frames[1]->data[0]) << "the same picture";
}

TEST_F(RangeGateTest, AgreesAboutEmptySegmentsWithARangeThatBeginsInOne) {
  RangeGate first(clock_, 0, 2, tally_, sink_);
  push(first, {0, 500, 3500});
  EXPECT_THAT(sink_.pts, ElementsAre(0, 500, 1000));
  EXPECT_EQ(tally_.range_end(), 2000);
  SegmentTally rest_tally;
  CollectingSink rest_sink;
  RangeGate rest(clock_, 2, -1, rest_tally, rest_sink);
  push(rest, {0, 500, 3500});
  EXPECT_THAT(rest_sink.pts, ElementsAre(2000, 3500));
}

}  // namespace
}  // namespace millrace::engine
