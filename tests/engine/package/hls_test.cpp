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
  track.frame_rate = track.highest_frame_rate = {30000, 1001};
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

// The map changes with the headers, and back; nothing else does.
TEST(HlsMediaPlaylist, NamesTheHeadersBeforeTheFirstSegmentThatHasThem) {
  AdaptiveTrack track = pictures("720p", 720, 4);
  track.segments[1].headers = track.segments[2].headers = 1;
  const std::string text = hls_media_playlist(track, 4, true);
  EXPECT_THAT(text, HasSubstr("#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4.000000,\n00001.m4s\n"
                              "#EXT-X-MAP:URI=\"init-2.mp4\"\n#EXTINF:4.000000,\n00002.m4s\n"
                              "#EXTINF:4.000000,\n00003.m4s\n"
                              "#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.001000,\n00004.m4s\n"));
  EXPECT_THAT(text, Not(HasSubstr("DISCONTINUITY")));
}

// What was listed stays as it was (§6.2.1).
TEST(HlsMediaPlaylist, GrowsByOtherHeadersAtItsEnd) {
  AdaptiveTrack track = pictures("720p", 720, 4);
  track.segments[2].headers = track.segments[3].headers = 1;
  AdaptiveTrack before = track;
  before.segments.resize(2);
  const std::string earlier = hls_media_playlist(before, 4, false);
  EXPECT_THAT(hls_media_playlist(track, 4, false), testing::StartsWith(earlier));
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

std::string master(std::vector<AdaptiveTrack> tracks, std::vector<AdaptiveSubtitle> subtitles = {}) {
  return hls_master_playlist({std::move(tracks), std::move(subtitles)}, 4);
}

// A language of the source, in stereo or in surround.
AdaptiveTrack language(int source_track, const std::string& tag, const std::string& label, int channels = 2) {
  AdaptiveTrack track = sound("audio-" + tag + (channels > 2 ? "-surround" : ""));
  track.source_track = source_track;
  track.language = tag;
  track.label = label;
  track.channels = channels;
  track.is_default = source_track == 0;
  if (channels > 2) track.segments[0].bytes *= 3;
  return track;
}

constexpr const char* kTop =
    "#EXTM3U\n"
    "#EXT-X-VERSION:7\n"
    "#EXT-X-INDEPENDENT-SEGMENTS\n";

TEST(HlsMasterPlaylist, HasAVariantPerRenditionAndAGroupOfSounds) {
  EXPECT_EQ(
      master({pictures("1080p", 1080), pictures("720p", 720), sound("audio")}),
      std::string(kTop) +
          "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"audio\",LANGUAGE=\"de\",DEFAULT=YES,"
          "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio/playlist.m3u8\"\n"
          "#EXT-X-STREAM-INF:BANDWIDTH=1128001,AVERAGE-BANDWIDTH=1128001,CODECS=\"avc1.64001f,mp4a.40.2\","
          "RESOLUTION=1920x1080,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO=\"audio\",CLOSED-CAPTIONS=NONE\n"
          "1080p/playlist.m3u8\n"
          "#EXT-X-STREAM-INF:BANDWIDTH=1128001,AVERAGE-BANDWIDTH=1128001,CODECS=\"avc1.64001f,mp4a.40.2\","
          "RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO=\"audio\",CLOSED-CAPTIONS=NONE\n"
          "720p/playlist.m3u8\n");
}

TEST(HlsMasterPlaylist, EveryVariantStandsOnceForEveryGroup) {
  const std::string stereo =
      "BANDWIDTH=1128001,AVERAGE-BANDWIDTH=1128001,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=";
  const std::string surround =
      "BANDWIDTH=1384002,AVERAGE-BANDWIDTH=1384002,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=";
  const std::string rest = ",FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO=";
  EXPECT_EQ(master({pictures("1080p", 1080), pictures("720p", 720), language(0, "en", "English"),
                    language(1, "es", "Spanish"), language(0, "en", "English", 6)}),
            std::string(kTop) +
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,"
                "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-en/playlist.m3u8\"\n"
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Spanish\",LANGUAGE=\"es\",DEFAULT=NO,"
                "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-es/playlist.m3u8\"\n"
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"surround\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,"
                "AUTOSELECT=YES,CHANNELS=\"6\",URI=\"audio-en-surround/playlist.m3u8\"\n"
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"surround\",NAME=\"Spanish\",LANGUAGE=\"es\",DEFAULT=NO,"
                "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-es/playlist.m3u8\"\n"
                "#EXT-X-STREAM-INF:" +
                stereo + "1920x1080" + rest +
                "\"audio\",CLOSED-CAPTIONS=NONE\n1080p/playlist.m3u8\n"
                "#EXT-X-STREAM-INF:" +
                stereo + "1280x720" + rest +
                "\"audio\",CLOSED-CAPTIONS=NONE\n720p/playlist.m3u8\n"
                "#EXT-X-STREAM-INF:" +
                surround + "1920x1080" + rest +
                "\"surround\",CLOSED-CAPTIONS=NONE\n1080p/playlist.m3u8\n"
                "#EXT-X-STREAM-INF:" +
                surround + "1280x720" + rest + "\"surround\",CLOSED-CAPTIONS=NONE\n720p/playlist.m3u8\n");
}

TEST(HlsMasterPlaylist, ListsSubtitles) {
  const std::string text =
      master({pictures("720p", 720)},
             {{"subtitles-en", "subtitles-en", "English", "en", true, false, 10},
              {"subtitles-en-2", "subtitles-en-2", "English \"2\"\n", "en", true, false, 10},
              {"subtitles-es", "subtitles-es", "Spanish", "es", false, true, 10}});
  EXPECT_THAT(
      text,
      HasSubstr("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"English\",LANGUAGE=\"en\","
                "DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI=\"subtitles-en/playlist.m3u8\"\n"
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"English '2'\",LANGUAGE=\"en\","
                "DEFAULT=NO,AUTOSELECT=NO,FORCED=NO,URI=\"subtitles-en-2/playlist.m3u8\"\n"
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"Spanish\",LANGUAGE=\"es\","
                "DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI=\"subtitles-es/playlist.m3u8\"\n"));
  EXPECT_THAT(text, HasSubstr("VIDEO-RANGE=SDR,SUBTITLES=\"subtitles\",CLOSED-CAPTIONS=NONE\n720p/"));
}

TEST(HlsMasterPlaylist, NamesTheCaptionsInThePictures) {
  AdaptiveTrack with = pictures("720p", 720);
  with.closed_captions = true;
  const std::string text = master({with});
  EXPECT_THAT(text,
              HasSubstr("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"captions\",NAME=\"CC1\",DEFAULT=NO,"
                        "AUTOSELECT=YES,INSTREAM-ID=\"CC1\"\n"));
  EXPECT_THAT(text, HasSubstr(",CLOSED-CAPTIONS=\"captions\"\n720p/"));
  // NONE would say that no variant has any.
  EXPECT_THAT(master({with, pictures("480p", 480)}), Not(HasSubstr("NONE")));
}

TEST(HlsMasterPlaylist, SaysTheRangeAndTheCodecOfEachVariant) {
  AdaptiveTrack pq = pictures("1080p", 1080);
  pq.codecs = "hvc1.2.4.L120.B0";
  pq.range = VideoRange::pq;
  AdaptiveTrack hlg = pictures("720p", 720);
  hlg.codecs = "av01.0.08M.10";
  hlg.range = VideoRange::hlg;
  const std::string text = master({pq, hlg});
  EXPECT_THAT(text,
              HasSubstr("CODECS=\"hvc1.2.4.L120.B0\",RESOLUTION=1920x1080,FRAME-RATE=29.970,VIDEO-RANGE=PQ"));
  EXPECT_THAT(text,
              HasSubstr("CODECS=\"av01.0.08M.10\",RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=HLG"));
}

TEST(HlsMasterPlaylist, WithoutSoundThereIsNoGroup) {
  AdaptiveTrack silent = pictures("720p", 720);
  silent.highest_frame_rate = {};
  const std::string text = master({silent});
  EXPECT_THAT(text, Not(HasSubstr("AUDIO")));
  EXPECT_THAT(text, Not(HasSubstr("FRAME-RATE")));
  EXPECT_THAT(text,
              HasSubstr("CODECS=\"avc1.64001f\",RESOLUTION=1280x720,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE\n"
                        "720p/playlist.m3u8\n"));
}

TEST(HlsMasterPlaylist, SoundAloneIsAVariantOfItsOwn) {
  EXPECT_EQ(hls_master_playlist({{sound("audio")}, {}}, 5),
            std::string(kTop) +
                "#EXT-X-STREAM-INF:BANDWIDTH=128001,AVERAGE-BANDWIDTH=128001,CODECS=\"mp4a.40.2\"\n"
                "audio/playlist.m3u8\n");
}

TEST(HlsMasterPlaylist, LanguagesAloneAreAGroupOfOneVariant) {
  EXPECT_EQ(master({language(0, "en", "English"), language(1, "es", "Spanish")}),
            std::string(kTop) +
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,"
                "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-en/playlist.m3u8\"\n"
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Spanish\",LANGUAGE=\"es\",DEFAULT=NO,"
                "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-es/playlist.m3u8\"\n"
                "#EXT-X-STREAM-INF:BANDWIDTH=128001,AVERAGE-BANDWIDTH=128001,CODECS=\"mp4a.40.2\","
                "AUDIO=\"audio\"\n"
                "audio-en/playlist.m3u8\n");
}

TEST(HlsSubtitlePlaylist, IsOneFileOfTheWholeLength) {
  EXPECT_EQ(hls_subtitle_playlist(62.32),
            "#EXTM3U\n"
            "#EXT-X-VERSION:7\n"
            "#EXT-X-TARGETDURATION:63\n"
            "#EXT-X-MEDIA-SEQUENCE:0\n"
            "#EXT-X-PLAYLIST-TYPE:VOD\n"
            "#EXTINF:62.320000,\n"
            "subtitles.vtt\n"
            "#EXT-X-ENDLIST\n");
}

}  // namespace
}  // namespace millrace::engine
