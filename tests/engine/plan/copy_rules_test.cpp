#include "engine/plan/copy_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

VideoTrack picture(const std::string& codec) {
  VideoTrack track;
  track.index = 0;
  track.codec = codec;
  return track;
}
AudioTrack sound(const std::string& codec) {
  AudioTrack track;
  track.codec = codec;
  return track;
}

TEST(CopyRules, PicturesGoWhereTheirCodecHasAPlace) {
  EXPECT_TRUE(check_copy(Container::mp4, picture("h264")).ok());
  EXPECT_TRUE(check_copy(Container::mov, picture("prores")).ok());
  EXPECT_TRUE(check_copy(Container::mkv, picture("ffv1")).ok());
  EXPECT_TRUE(check_copy(Container::webm, picture("vp8")).ok());
  EXPECT_TRUE(check_copy(Container::ogg, picture("theora")).ok());
  EXPECT_TRUE(check_copy(Container::ts, picture("mpeg2video")).ok());
  for (const auto& [container, codec] : {std::pair{Container::mp4, "vp8"},
                                         {Container::mov, "vp9"},
                                         {Container::webm, "h264"},
                                         {Container::ogg, "h264"},
                                         {Container::mkv, "h263"},
                                         {Container::ts, "av1"}})
    EXPECT_EQ(check_copy(container, picture(codec)).code(), Code::unsupported)
        << name_of(container) << " " << codec;
}

TEST(CopyRules, TheSentenceSaysWhatTheContainerHolds) {
  EXPECT_EQ(
      check_copy(Container::webm, picture("h264")).message(),
      "webm cannot hold h264 as it is; it holds vp8, vp9, av1: choose another container, or leave copy out");
  EXPECT_THAT(check_copy(AudioContainer::wav, sound("aac")).message(),
              HasSubstr("it holds pcm_u8, pcm_s16le"));
}

TEST(CopyRules, SoundsGoWhereTheirCodecHasAPlace) {
  EXPECT_TRUE(check_copy(Container::mp4, sound("ac3")).ok());
  EXPECT_TRUE(check_copy(Container::mov, sound("pcm_s16le")).ok());
  EXPECT_TRUE(check_copy(Container::mkv, sound("dts")).ok());
  EXPECT_FALSE(check_copy(Container::mp4, sound("pcm_s16le")).ok());
  EXPECT_FALSE(check_copy(Container::webm, sound("aac")).ok());
  EXPECT_FALSE(check_copy(Container::mkv, sound("amr_nb")).ok());
  EXPECT_FALSE(check_copy(AudioContainer::wav, sound("pcm_s16be")).ok());
  EXPECT_TRUE(check_copy(AudioContainer::m4a, sound("aac")).ok());
  EXPECT_TRUE(check_copy(AudioContainer::ogg, sound("opus")).ok());
  EXPECT_TRUE(check_copy(AudioContainer::wav, sound("pcm_s24le")).ok());
  EXPECT_FALSE(check_copy(AudioContainer::mp3, sound("aac")).ok());
  EXPECT_FALSE(check_copy(AudioContainer::opus, sound("vorbis")).ok());
  EXPECT_FALSE(check_copy(AudioContainer::flac, sound("pcm_s16le")).ok());
}

TEST(CopyRules, ATurnedPictureGoesOnlyWhereTheTurnCanBeSaid) {
  VideoTrack phone = picture("hevc");
  phone.rotation_degrees = 90;
  EXPECT_TRUE(check_copy(Container::mp4, phone).ok());
  EXPECT_TRUE(check_copy(Container::mov, phone).ok());
  EXPECT_THAT(check_copy(Container::ts, phone).message(), HasSubstr("turned by 90 degrees"));
  phone.rotation_degrees = 0;
  phone.mirrored = true;
  EXPECT_THAT(check_copy(Container::mkv, phone).message(), HasSubstr("mirrored"));
}

}  // namespace
}  // namespace millrace::engine
