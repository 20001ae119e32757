#include "engine/pipeline/segmenter.h"

#include <gmock/gmock.h>

#include <cstring>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

PacketPtr packet(std::int64_t pts, bool key, std::int64_t duration = 0) {
  PacketPtr made = make_packet();
  EXPECT_GE(av_new_packet(made.get(), 1), 0);
  made->data[0] = static_cast<std::uint8_t>(pts & 0xff);
  made->pts = pts;
  made->duration = duration;
  made->flags = key ? AV_PKT_FLAG_KEY : 0;
  return made;
}

class SegmentSink final : public TrackSink<CodedSegment> {
 public:
  Status begin(const EncodedTrack&) override { return {}; }
  Status push(CodedSegment segment) override {
    segments.push_back(std::move(segment));
    return {};
  }
  Status finish() override { return {}; }
  std::vector<CodedSegment> segments;
};

class SegmenterTest : public testing::Test {
 protected:
  SegmenterTest() { parameters_.reset(avcodec_parameters_alloc()); }

  ParametersPtr parameters_;
  SegmentTally tally_;
  SegmentSink sink_;
};

TEST_F(SegmenterTest, CutsAtTheKeyPacketOfALaterSegment) {
  parameters_->codec_type = AVMEDIA_TYPE_VIDEO;
  Segmenter segmenter({SegmentClock(7200), kTicksPerSecond, {25, 1}, &tally_}, sink_);
  ASSERT_TRUE(segmenter.begin({parameters_.get(), 1, 0}).ok());
  tally_.set_range_end(14'400);
  for (const auto& [pts, key] : {std::pair(0, true), {3600, false}, {7200, true}, {10'800, false}})
    ASSERT_TRUE(segmenter.push(packet(pts, key)).ok());
  ASSERT_TRUE(segmenter.finish().ok());
  ASSERT_EQ(sink_.segments.size(), 2u);
  const CodedSegment& second = sink_.segments[1];
  EXPECT_EQ(second.index, 1);
  EXPECT_EQ(second.start, 7200);
  EXPECT_EQ(second.end, 14'400);
  EXPECT_EQ(second.samples[0].dts, 3600);
  EXPECT_EQ(second.samples[1].dts, 7200);
  EXPECT_EQ(second.samples[1].duration, 3600) << "to the next segment's first dts";
  EXPECT_EQ(sink_.segments[0].end, 7200);
}

TEST_F(SegmenterTest, KeepsAKeyPacketInsideASegmentThere) {
  parameters_->codec_type = AVMEDIA_TYPE_VIDEO;
  Segmenter segmenter({SegmentClock(7200), kTicksPerSecond, {25, 1}, &tally_}, sink_);
  ASSERT_TRUE(segmenter.begin({parameters_.get(), 0, 0}).ok());
  ASSERT_TRUE(segmenter.push(packet(0, true)).ok());
  ASSERT_TRUE(segmenter.push(packet(3600, true)).ok());
  tally_.set_range_end(7200);
  ASSERT_TRUE(segmenter.finish().ok());
  ASSERT_EQ(sink_.segments.size(), 1u);
  EXPECT_EQ(sink_.segments[0].samples.size(), 2u);
}

TEST_F(SegmenterTest, RefusesASegmentThatDoesNotOpenWithAKey) {
  parameters_->codec_type = AVMEDIA_TYPE_VIDEO;
  Segmenter segmenter({SegmentClock(7200), kTicksPerSecond, {25, 1}, &tally_}, sink_);
  ASSERT_TRUE(segmenter.begin({parameters_.get(), 0, 0}).ok());
  ASSERT_TRUE(segmenter.push(packet(0, true)).ok());
  EXPECT_EQ(segmenter.push(packet(7200, false)).code(), Code::internal);
}

TEST_F(SegmenterTest, RefusesAFrameOfASegmentThatIsOver) {
  parameters_->codec_type = AVMEDIA_TYPE_VIDEO;
  Segmenter segmenter({SegmentClock(7200), kTicksPerSecond, {25, 1}, &tally_}, sink_);
  ASSERT_TRUE(segmenter.begin({parameters_.get(), 0, 0}).ok());
  ASSERT_TRUE(segmenter.push(packet(7200, true)).ok());
  EXPECT_EQ(segmenter.push(packet(3600, false)).code(), Code::internal);
}

TEST_F(SegmenterTest, CutsSoundAtTheFirstPacketFromTheGridPoint) {
  parameters_->codec_type = AVMEDIA_TYPE_AUDIO;
  // One segment: 2000 samples of 48 kHz.
  Segmenter segmenter({SegmentClock(3750), 48'000, {}, nullptr}, sink_);
  ASSERT_TRUE(segmenter.begin({parameters_.get(), 0, 1024}).ok());
  for (const std::int64_t pts : {-1024, 0, 1024, 2048})
    ASSERT_TRUE(segmenter.push(packet(pts, true, 1024)).ok());
  ASSERT_TRUE(segmenter.push(packet(3072, true, 100)).ok());
  ASSERT_TRUE(segmenter.finish().ok());
  ASSERT_EQ(sink_.segments.size(), 2u);
  EXPECT_EQ(sink_.segments[0].samples.size(), 3u);
  EXPECT_EQ(sink_.segments[0].start, -1024);
  EXPECT_EQ(sink_.segments[0].end, 2048);
  EXPECT_EQ(sink_.segments[1].end, 3172);
  EXPECT_EQ(sink_.segments[1].samples.back().duration, 100);
  EXPECT_EQ(sink_.segments[1].samples.back().dts, 3072);
}

}  // namespace
}  // namespace millrace::engine
