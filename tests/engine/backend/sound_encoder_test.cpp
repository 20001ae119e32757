#include "engine/backend/software/sound_encoder.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/engine/backend/packet_collector.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace millrace::engine {
namespace {

FramePtr tone(std::int64_t pts, int samples, int channels = 2, int sample_rate = 48'000) {
  FramePtr frame = make_frame();
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = sample_rate;
  frame->nb_samples = samples;
  av_channel_layout_default(&frame->ch_layout, channels);
  EXPECT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  for (int channel = 0; channel < channels; ++channel)
    for (int i = 0; i < samples; ++i)
      reinterpret_cast<float*>(frame->extended_data[channel])[i] =
          0.3F * static_cast<float>(std::sin(0.06 * static_cast<double>(pts + i)));
  frame->pts = pts;
  return frame;
}

// Frames of uneven lengths, `samples` in all.
void encode(const SoundEncoderSettings& settings, int samples, PacketCollector& collected) {
  auto encoder = SoundEncoder::open(settings, collected);
  ASSERT_TRUE(encoder.ok()) << to_string(encoder.status());
  const int lengths[] = {500, 3000, 1, 1024, 77};
  for (int at = 0, turn = 0; at < samples; ++turn) {
    const int length = std::min(lengths[turn % 5], samples - at);
    const Status status = (*encoder)->push(tone(at, length, settings.channels, settings.sample_rate));
    ASSERT_TRUE(status.ok()) << to_string(status);
    at += length;
  }
  ASSERT_TRUE((*encoder)->finish().ok());
  EXPECT_TRUE(collected.finished);
}

TEST(SoundEncoder, CoversEverySampleOnceAfterItsPriming) {
  for (const auto& [codec, priming, frame] :
       {std::tuple(AudioCodec::aac, 1024, 1024), {AudioCodec::opus, 312, 960}}) {
    for (const int channels : {1, 2, 6}) {
      PacketCollector collected;
      encode({channels, 48'000, 64'000 * channels, codec}, 5620, collected);
      EXPECT_EQ(collected.priming_samples, priming);
      EXPECT_EQ(collected.parameters->frame_size, frame);
      EXPECT_EQ(collected.parameters->ch_layout.nb_channels, channels);
      EXPECT_GE(collected.extradata.size(), 5u);
      std::int64_t next = -priming;
      for (const auto& packet : collected.packets) {
        EXPECT_EQ(packet->pts, next);
        next += packet->duration;
      }
      EXPECT_EQ(next, 5620) << name_of(codec) << ", " << channels << " channels";
    }
  }
}

TEST(SoundEncoder, MakesTheCodecsOfSoundFiles) {
  for (const auto& [codec, id] : {std::pair(AudioCodec::mp3, AV_CODEC_ID_MP3),
                                  {AudioCodec::vorbis, AV_CODEC_ID_VORBIS},
                                  {AudioCodec::flac, AV_CODEC_ID_FLAC},
                                  {AudioCodec::pcm, AV_CODEC_ID_PCM_S16LE}}) {
    PacketCollector collected;
    encode({2, 44'100, 128'000, codec}, 44'100, collected);
    EXPECT_EQ(collected.parameters->codec_id, id);
    EXPECT_GT(collected.packets.size(), 2u) << name_of(codec);
    EXPECT_EQ(collected.packets.front()->pts, -collected.priming_samples) << name_of(codec);
  }
}

TEST(SoundEncoder, KeepsTwentyFourBitsInFlac) {
  PacketCollector collected;
  encode({2, 48'000, 0, AudioCodec::flac}, 9000, collected);
  EXPECT_EQ(collected.parameters->bits_per_raw_sample, 24);
}

TEST(SoundEncoder, RefusesARateThatTheCodecDoesNotHave) {
  PacketCollector collected;
  const auto aac = SoundEncoder::open({2, 12'345, 128'000}, collected);
  ASSERT_FALSE(aac.ok());
  EXPECT_THAT(aac.status().message(), testing::HasSubstr("12345 Hz"));
  const auto opus = SoundEncoder::open({2, 44'100, 128'000, AudioCodec::opus}, collected);
  ASSERT_FALSE(opus.ok());
  EXPECT_THAT(opus.status().message(), testing::HasSubstr("48000 Hz"));
}

}  // namespace
}  // namespace millrace::engine
