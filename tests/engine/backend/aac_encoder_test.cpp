#include "engine/backend/software/aac_encoder.h"

#include <gmock/gmock.h>

#include "tests/engine/backend/packet_collector.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace millrace::engine {
namespace {

FramePtr silence(std::int64_t pts, int samples) {
  FramePtr frame = make_frame();
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = 48'000;
  frame->nb_samples = samples;
  av_channel_layout_default(&frame->ch_layout, 2);
  EXPECT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  for (int channel = 0; channel < 2; ++channel)
    std::fill_n(reinterpret_cast<float*>(frame->data[channel]), samples, 0.0F);
  frame->pts = pts;
  return frame;
}

TEST(AacEncoder, CoversEverySampleOnceAfterItsPriming) {
  PacketCollector collected;
  auto encoder = AacEncoder::open({}, collected);
  ASSERT_TRUE(encoder.ok()) << to_string(encoder.status());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE((*encoder)->push(silence(i * 1024, 1024)).ok());
  ASSERT_TRUE((*encoder)->push(silence(5120, 500)).ok());
  ASSERT_TRUE((*encoder)->finish().ok());
  EXPECT_EQ(collected.priming_samples, 1024);
  EXPECT_EQ(collected.extradata.size(), 5u);
  std::int64_t next = -1024;
  for (const auto& packet : collected.packets) {
    EXPECT_EQ(packet->pts, next);
    next += packet->duration;
  }
  EXPECT_EQ(next, 5620);
}

TEST(AacEncoder, RefusesARateThatAacDoesNotHave) {
  PacketCollector collected;
  const auto encoder = AacEncoder::open({2, 12'345, 128'000}, collected);
  ASSERT_FALSE(encoder.ok());
  EXPECT_THAT(encoder.status().message(), testing::HasSubstr("12345 Hz"));
}

}  // namespace
}  // namespace millrace::engine
