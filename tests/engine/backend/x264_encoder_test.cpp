#include "engine/backend/software/x264_encoder.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/engine/backend/packet_collector.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/support/media_sample.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

VideoEncoderSettings settings() {
  VideoEncoderSettings made;
  made.preset = "veryfast";
  made.bits_per_second = 200'000;
  made.frame_rate = {25, 1};
  made.clock = SegmentClock(36'000);  // ten frames
  return made;
}

void encode(X264Encoder& encoder, int frames, std::int64_t first = 0) {
  for (int i = 0; i < frames; ++i) {
    FramePtr frame = picture(first + i * 3600, 64, 48);
    test::draw_number(*frame, i * 37 % 256);  // every frame a new scene
    ASSERT_TRUE(encoder.push(std::move(frame)).ok());
  }
  ASSERT_TRUE(encoder.finish().ok());
}

TEST(X264Encoder, PutsKeysWhereSegmentsBeginAndNowhereElse) {
  PacketCollector collected;
  X264Encoder encoder(settings(), collected);
  encode(encoder, 25);
  EXPECT_EQ(collected.packets.size(), 25u);
  EXPECT_THAT(collected.key_times(), ElementsAre(0, 36'000, 72'000));
  EXPECT_TRUE(collected.finished);
}

TEST(X264Encoder, ClosesEverySegment) {
  PacketCollector collected;
  X264Encoder encoder(settings(), collected);
  encode(encoder, 30);
  std::int64_t segment = 0;
  for (const auto& packet : collected.packets) {
    EXPECT_GE(packet->pts / 36'000, segment) << "a frame came after the next segment's key";
    segment = packet->pts / 36'000;
  }
}

TEST(X264Encoder, TellsItsReorderDepthAndHeaders) {
  PacketCollector collected;
  X264Encoder encoder(settings(), collected);
  encode(encoder, 3);
  EXPECT_GT(collected.reorder_frames, 0);
  ASSERT_GT(collected.extradata.size(), 8u);
  EXPECT_EQ(collected.extradata[0], 1) << "avcC";
  PacketCollector fast;
  VideoEncoderSettings no_b = settings();
  no_b.preset = "ultrafast";
  X264Encoder other(no_b, fast);
  encode(other, 3);
  EXPECT_EQ(fast.reorder_frames, 0);
}

TEST(X264Encoder, MakesTheSameHeadersForEveryRange) {
  PacketCollector one;
  PacketCollector two;
  X264Encoder a(settings(), one);
  X264Encoder b(settings(), two);
  encode(a, 12);
  encode(b, 30, 360'000);
  EXPECT_EQ(one.extradata, two.extradata);
}

TEST(X264Encoder, RefusesAnUnknownPreset) {
  PacketCollector collected;
  VideoEncoderSettings wrong = settings();
  wrong.preset = "warp";
  X264Encoder encoder(wrong, collected);
  const Status status = encoder.push(picture(0, 64, 48));
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), testing::HasSubstr("warp"));
}

TEST(X264Encoder, RefusesAPictureOfAnotherSize) {
  PacketCollector collected;
  X264Encoder encoder(settings(), collected);
  ASSERT_TRUE(encoder.push(picture(0, 64, 48)).ok());
  EXPECT_EQ(encoder.push(picture(3600, 32, 48)).code(), Code::internal);
}

TEST(X264Encoder, FinishesWithoutAFrame) {
  PacketCollector collected;
  X264Encoder encoder(settings(), collected);
  ASSERT_TRUE(encoder.finish().ok());
  EXPECT_EQ(collected.reorder_frames, -1) << "no track begins";
  EXPECT_TRUE(collected.finished);
}

}  // namespace
}  // namespace millrace::engine
