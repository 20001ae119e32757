#include "engine/plan/track_text.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

PlannedRendition rendition() {
  PlannedRendition each;
  each.codec = VideoCodec::hevc;
  each.preset = "slow";
  each.bits_per_second = 2'800'000;
  each.encoder_threads = 2;
  return each;
}

TEST(TrackText, RenditionsSayTheirRateControl) {
  PlannedRendition each = rendition();
  EXPECT_EQ(encode_text(each), "hevc slow, 2.8 Mb/s, 2 threads");
  each.max_bits_per_second = 4'000'000;
  EXPECT_EQ(encode_text(each), "hevc slow, 2.8 Mb/s, at most 4 Mb/s, 2 threads");
  each.quality = 23.5;
  EXPECT_EQ(encode_text(each), "hevc slow, quality 23.5, at most 4 Mb/s, 2 threads");
  each.max_bits_per_second = 0;
  each.gop_ticks = 180'180;
  each.ten_bit = true;
  EXPECT_EQ(encode_text(each), "hevc slow, 10 bit, quality 23.5, an IDR every 2.002 s, 2 threads");
}

TEST(TrackText, TheoraHasNoPreset) {
  PlannedRendition each = rendition();
  each.codec = VideoCodec::theora;
  EXPECT_EQ(codec_text(each), "theora");
}

TEST(TrackText, SoundsSayCodecChannelsRateAndBits) {
  PlannedSound sound;
  EXPECT_EQ(sound_text(sound), "aac stereo, 48000 Hz, 128 kb/s");
  sound.codec = AudioCodec::flac;
  sound.channels = 6;
  EXPECT_EQ(sound_text(sound), "flac 5.1, 48000 Hz, about 128 kb/s");
}

TEST(TrackText, StillsSaySizeAndTimes) {
  PlannedOutput output;
  output.stills.width = 320;
  output.stills.height = 180;
  output.stills.at = {1.5};
  output.stills.pad = true;
  EXPECT_EQ(stills_text(output), "jpg 320x180 on black, 1 still");
  output.stills.at.clear();
  output.stills.every = 2.5;
  output.stills.pad = false;
  output.stills.columns = 10;
  output.stills.format = StillFormat::webp;
  EXPECT_EQ(stills_text(output), "webp 320x180, every 2.5 s, 10 columns");
}

}  // namespace
}  // namespace millrace::engine
