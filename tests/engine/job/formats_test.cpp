#include "engine/job/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;

TEST(Formats, ContainersHoldWhatTheyCan) {
  using enum VideoCodec;
  EXPECT_THAT(video_codecs(Container::mp4), ElementsAre(h264, hevc, av1, vp9));
  EXPECT_THAT(video_codecs(Container::mkv), ElementsAre(h264, hevc, av1, vp9));
  EXPECT_THAT(video_codecs(Container::mov), ElementsAre(h264, hevc));
  EXPECT_THAT(video_codecs(Container::ts), ElementsAre(h264, hevc));
  EXPECT_THAT(video_codecs(Container::webm), ElementsAre(vp9, av1));
  EXPECT_THAT(video_codecs(Container::ogg), ElementsAre(theora));
  EXPECT_THAT(video_codecs_of_adaptive(), ElementsAre(h264, hevc, av1, vp9));
}

TEST(Formats, EveryKindOfFileHasItsSound) {
  EXPECT_EQ(audio_codec(Container::mp4), AudioCodec::aac);
  EXPECT_EQ(audio_codec(Container::ts), AudioCodec::aac);
  EXPECT_EQ(audio_codec(Container::mkv), AudioCodec::aac);
  EXPECT_EQ(audio_codec(Container::webm), AudioCodec::opus);
  EXPECT_EQ(audio_codec(Container::ogg), AudioCodec::vorbis);
  EXPECT_EQ(audio_codec(AudioContainer::m4a), AudioCodec::aac);
  EXPECT_EQ(audio_codec(AudioContainer::mp3), AudioCodec::mp3);
  EXPECT_EQ(audio_codec(AudioContainer::ogg), AudioCodec::vorbis);
  EXPECT_EQ(audio_codec(AudioContainer::opus), AudioCodec::opus);
  EXPECT_EQ(audio_codec(AudioContainer::flac), AudioCodec::flac);
  EXPECT_EQ(audio_codec(AudioContainer::wav), AudioCodec::pcm);
}

TEST(Formats, HdrNeedsTenBits) {
  EXPECT_FALSE(can_keep_hdr(VideoCodec::h264));
  EXPECT_FALSE(can_keep_hdr(VideoCodec::theora));
  for (const VideoCodec codec : {VideoCodec::hevc, VideoCodec::av1, VideoCodec::vp9})
    EXPECT_TRUE(can_keep_hdr(codec));
}

// The defaults of a spec must lie inside.
TEST(Formats, EveryLossyCodecTakes128kOfTwoChannels) {
  for (const AudioCodec codec : {AudioCodec::aac, AudioCodec::mp3, AudioCodec::opus, AudioCodec::vorbis}) {
    ASSERT_TRUE(bit_range(codec).has_value());
    EXPECT_LE(bit_range(codec)->least, 128'000);
    EXPECT_GE(bit_range(codec)->most, 128'000);
  }
  EXPECT_FALSE(bit_range(AudioCodec::flac).has_value());
  EXPECT_FALSE(bit_range(AudioCodec::pcm).has_value());
}

}  // namespace
}  // namespace millrace::engine
