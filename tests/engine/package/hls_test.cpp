#include "engine/package/hls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// `count` segments of four seconds but for a last one of 1.001, 500000 bytes each.
AdaptiveTrack pictures(const std::string& id, int height, int count = 2) {
  AdaptiveTrack track;
  track.id = track.folder = id;
  track.codecs = "avc1.64001f";
  track.width = height * 16 / 9;
  track.height = height;
  track.frame_rate = {30000, 1001};
  for (int index = 0; index < count; ++index) {
    FinishedSegment segment;
    segment.index = index;
    segment.start = index * 360'000;
    segment.duration = index + 1 == count ? 90'090 : 360'000;
    segment.bytes = index + 1 == count ? 125'125 : 500'000;
    track.segments.push_back(segment);
  }
  return track;
}

AdaptiveTrack sound(const std::string& id) {
  AdaptiveTrack track;
  track.id = track.folder = id;
  track.codecs = "mp4a.40.2";
  track.sound = true;
  track.channels = 2;
  track.sample_rate = 48'000;
  track.language = "de";
  FinishedSegment segment;
  segment.timescale = 48'000;
  segment.duration = 188 * 1024;
  segment.bytes = 64'171;
  track.segments = {segment};
  return track;
}

TEST(HlsMediaPlaylist, GrowsAsAnEvent) {
  EXPECT_EQ(hls_media_playlist(pictures("720p", 720, 1), 4, false),
            "#EXTM3U\n"
            "#EXT-X-VERSION:7\n"
            "#EXT-X-INDEPENDENT-SEGMENTS\n"
            "#EXT-X-TARGETDURATION:4\n"
            "#EXT-X-MEDIA-SEQUENCE:0\n"
            "#EXT-X-PLAYLIST-TYPE:EVENT\n"
            "#EXT-X-MAP:URI=\"init.mp4\"\n"
            "#EXTINF:1.001000,\n"
            "00001.m4s\n");
}

TEST(HlsMediaPlaylist, EndsAsVideoOnDemand) {
  const std::string text = hls_media_playlist(pictures("720p", 720), 4, true);
  EXPECT_THAT(text, HasSubstr("#EXT-X-PLAYLIST-TYPE:VOD\n"));
  EXPECT_THAT(text,
              HasSubstr("#EXTINF:4.000000,\n00001.m4s\n#EXTINF:1.001000,\n00002.m4s\n#EXT-X-ENDLIST\n"));
}

TEST(HlsTargetDuration, IsTheGridAndNeverLessThanASegment) {
  const SegmentClock four(360'000);
  EXPECT_EQ(hls_target_seconds(four, {pictures("720p", 720)}), 4);
  EXPECT_EQ(hls_target_seconds(SegmentClock(360'360), {pictures("720p", 720)}), 5);
  AdaptiveTrack late = pictures("720p", 720);
  late.segments[0].duration = 6 * 90'000 + 1;
  EXPECT_EQ(hls_target_seconds(four, {late}), 7);
}

TEST(HlsTargetDuration, LeavesRoomForSoundFromTheFirstPlaylistOn) {
  const SegmentClock four(360'000);
  AdaptiveTrack not_begun = sound("audio");
  not_begun.segments.clear();
  EXPECT_EQ(hls_target_seconds(four, {pictures("720p", 720), not_begun}), 5);
  EXPECT_EQ(hls_target_seconds(four, {pictures("720p", 720), sound("audio")}), 5);
}

TEST(HlsMasterPlaylist, HasAVariantPerRenditionAndAGroupOfSounds) {
  EXPECT_EQ(
      hls_master_playlist({pictures("1080p", 1080), pictures("720p", 720), sound("audio"), sound("second")},
                          4),
      "#EXTM3U\n"
      "#EXT-X-VERSION:7\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"audio\",LANGUAGE=\"de\",DEFAULT=YES,AUTOSELECT=YES,"
      "CHANNELS=\"2\",URI=\"audio/playlist.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"second\",LANGUAGE=\"de\",DEFAULT=NO,AUTOSELECT=YES,"
      "CHANNELS=\"2\",URI=\"second/playlist.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1128001,AVERAGE-BANDWIDTH=1128001,CODECS=\"avc1.64001f,mp4a.40.2\","
      "RESOLUTION=1920x1080,FRAME-RATE=29.970,AUDIO=\"audio\"\n"
      "1080p/playlist.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1128001,AVERAGE-BANDWIDTH=1128001,CODECS=\"avc1.64001f,mp4a.40.2\","
      "RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO=\"audio\"\n"
      "720p/playlist.m3u8\n");
}

TEST(HlsMasterPlaylist, WithoutSoundThereIsNoGroup) {
  AdaptiveTrack silent = pictures("720p", 720);
  silent.frame_rate = {};
  const std::string text = hls_master_playlist({silent}, 4);
  EXPECT_THAT(text, Not(HasSubstr("AUDIO")));
  EXPECT_THAT(text, Not(HasSubstr("FRAME-RATE")));
  EXPECT_THAT(text, HasSubstr("CODECS=\"avc1.64001f\",RESOLUTION=1280x720\n720p/playlist.m3u8\n"));
}

TEST(HlsMasterPlaylist, SoundAloneIsAVariantOfItsOwn) {
  const std::string text = hls_master_playlist({sound("audio")}, 5);
  EXPECT_THAT(text, Not(HasSubstr("EXT-X-MEDIA:")));
  EXPECT_THAT(text, HasSubstr("CODECS=\"mp4a.40.2\"\naudio/playlist.m3u8\n"));
}

}  // namespace
}  // namespace millrace::engine
