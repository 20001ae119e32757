#include "engine/package/publish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/package/published_job.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

struct Packet {
  double pts = 0;
  double dts = 0;
};

// What libavformat plays from a file or a playlist, by stream, and how long it says it is.
struct Played {
  std::vector<AVMediaType> kinds;
  std::vector<std::vector<Packet>> packets;
  double seconds = 0;
};

Played play(const fs::path& path) {
  AVFormatContext* made = nullptr;
  if (const int error = avformat_open_input(&made, path.c_str(), nullptr, nullptr); error < 0) {
    ADD_FAILURE() << path << ": " << av_error_text(error);
    return {};
  }
  const InputPtr input(made);
  EXPECT_GE(avformat_find_stream_info(made, nullptr), 0);
  Played played;
  played.seconds = static_cast<double>(made->duration) / AV_TIME_BASE;
  for (unsigned at = 0; at < made->nb_streams; ++at)
    played.kinds.push_back(made->streams[at]->codecpar->codec_type);
  played.packets.resize(made->nb_streams);
  const PacketPtr packet = make_packet();
  while (av_read_frame(made, packet.get()) >= 0) {
    const double base = av_q2d(made->streams[packet->stream_index]->time_base);
    played.packets[static_cast<std::size_t>(packet->stream_index)].push_back(
        {static_cast<double>(packet->pts) * base, static_cast<double>(packet->dts) * base});
    av_packet_unref(packet.get());
  }
  return played;
}

// Every picture and sound frame of the job, at the time it was encoded for.
void expect_packets(const test::PublishedJob& job, const std::string& track,
                    const std::vector<Packet>& packets) {
  const test::CodedTrack& coded = job.coded.at(track);
  std::vector<double> wanted;
  for (const test::CodedPacket& packet : coded.packets)
    wanted.push_back(static_cast<double>(packet.pts) / static_cast<double>(coded.timescale));
  ASSERT_THAT(packets, SizeIs(wanted.size())) << track;
  for (std::size_t at = 0; at < wanted.size(); ++at) EXPECT_NEAR(packets[at].pts, wanted[at], 2e-5) << track;
}

TEST(WriteAdaptive, PlaylistsGrowAndTheMasterComesWithEveryTracksFirstSegment) {
  const test::PublishedJob job;
  Segments pictures_only;
  for (const FinishedSegment& each : job.segments_below(1))
    if (each.track != "abr/audio") pictures_only.push_back(each);
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), pictures_only, false).ok());
  EXPECT_THAT(job.text_of("abr/90p/playlist.m3u8"), HasSubstr("00001.m4s"));
  EXPECT_FALSE(fs::exists(job.folder / "abr/audio/playlist.m3u8"));
  EXPECT_FALSE(fs::exists(job.folder / "abr/master.m3u8"));

  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments_below(2), false).ok());
  EXPECT_THAT(job.text_of("abr/90p/playlist.m3u8"), HasSubstr("EVENT"));
  EXPECT_THAT(job.text_of("abr/90p/playlist.m3u8"), HasSubstr("00002.m4s"));
  EXPECT_THAT(job.text_of("abr/90p/playlist.m3u8"), Not(HasSubstr("ENDLIST")));
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("44p/playlist.m3u8"));
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("LANGUAGE=\"de\""));
  EXPECT_FALSE(fs::exists(job.folder / "abr/manifest.mpd"));

  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_THAT(job.text_of("abr/44p/playlist.m3u8"), HasSubstr("00003.m4s\n#EXT-X-ENDLIST"));
  EXPECT_THAT(job.text_of("abr/manifest.mpd"), HasSubstr("audio/$Number%05d$.m4s"));
  for (const auto& entry : fs::recursive_directory_iterator(job.folder))
    EXPECT_THAT(entry.path().native(), Not(HasSubstr(".tmp")));
}

TEST(WriteAdaptive, TheTargetDurationNeverChanges) {
  const test::PublishedJob job;
  const auto target_in = [&](const std::string& file) {
    const std::string text = job.text_of(file);
    const std::size_t at = text.find("#EXT-X-TARGETDURATION:");
    return text.substr(at, text.find('\n', at) - at);
  };
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), {job.segments[0]}, false).ok());
  const std::string first = target_in("abr/90p/playlist.m3u8");
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_EQ(target_in("abr/90p/playlist.m3u8"), first);
  EXPECT_EQ(target_in("abr/audio/playlist.m3u8"), first);
}

TEST(WriteAdaptive, SegmentsAfterAGapWait) {
  test::PublishedJob job;
  std::erase_if(job.segments,
                [](const FinishedSegment& each) { return each.track == "abr/90p" && each.index == 1; });
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, false).ok());
  EXPECT_THAT(job.text_of("abr/90p/playlist.m3u8"), Not(HasSubstr("00003.m4s")));
  EXPECT_THAT(job.text_of("abr/44p/playlist.m3u8"), HasSubstr("00003.m4s"));
  const Status whole = write_adaptive(job.folder, job.plan, job.abr(), job.segments, true);
  EXPECT_EQ(whole.code(), Code::internal);
  EXPECT_THAT(whole.message(), HasSubstr("abr/90p: segment 00002.m4s is missing"));
}

TEST(WriteAdaptive, ARenditionThatEndsEarlyIsNotWhole) {
  test::PublishedJob job;
  std::erase_if(job.segments,
                [](const FinishedSegment& each) { return each.track == "abr/44p" && each.index == 2; });
  EXPECT_THAT(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).message(),
              HasSubstr("abr/44p"));
}

TEST(WriteAdaptive, ASoundThatNeverSoundsIsLeftOut) {
  test::PublishedJob job;
  std::erase_if(job.segments, [](const FinishedSegment& each) { return each.track == "abr/audio"; });
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_THAT(job.text_of("abr/master.m3u8"), Not(HasSubstr("AUDIO")));
  EXPECT_THAT(job.text_of("abr/manifest.mpd"), Not(HasSubstr("audio")));
}

TEST(WriteAdaptive, OnlyThePackagesThatWereAskedFor) {
  test::PublishedJob job;
  job.plan.outputs[0].packages = {Package::dash};
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_FALSE(fs::exists(job.folder / "abr/master.m3u8"));
  EXPECT_FALSE(fs::exists(job.folder / "abr/90p/playlist.m3u8"));
  EXPECT_TRUE(fs::exists(job.folder / "abr/manifest.mpd"));
}

TEST(WriteAdaptive, LibavformatPlaysTheHlsPlaylists) {
  const test::PublishedJob job;
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  expect_packets(job, "abr/90p", play(job.folder / "abr/90p/playlist.m3u8").packets.at(0));
  const Played master = play(job.folder / "abr/master.m3u8");
  ASSERT_THAT(master.kinds, SizeIs(3));
  EXPECT_NEAR(master.seconds, 2.5025, 0.03);
  for (const auto& packets : master.packets) EXPECT_GE(packets.size(), 75U);
}

// One track at a time: libavformat's DASH demuxer stops all of them at the first one's end.
TEST(WriteAdaptive, LibavformatPlaysTheDashManifestAtTheSameTimes) {
  if (av_find_input_format("dash") == nullptr)
    GTEST_SKIP() << "this FFmpeg was built without its DASH demuxer";
  test::PublishedJob job;
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_THAT(play(job.folder / "abr/manifest.mpd").kinds, SizeIs(3));
  for (const auto& [track, coded] : job.coded) {
    PlannedOutput& alone = job.plan.outputs[0];
    alone.renditions = {track};
    alone.sounds = {track};
    ASSERT_TRUE(write_adaptive(job.folder, job.plan, alone, job.segments, true).ok());
    const Played dash = play(job.folder / "abr/manifest.mpd");
    ASSERT_THAT(dash.kinds, SizeIs(1));
    expect_packets(job, track, dash.packets[0]);
  }
}

class SubtitledJob : public test::PublishedJob {
 public:
  SubtitledJob() {
    plan.source.video[0].duration_seconds = 2.5;
    PlannedSubtitle subtitle;
    subtitle.name = "Deutsch";
    subtitle.folder = "abr/subtitles-deu";
    subtitle.language = "deu";
    plan.subtitles = {subtitle};
    plan.outputs[0].subtitles = {subtitle.folder};
    EXPECT_TRUE(make_directories(folder / subtitle.folder).ok());  // where their file lies
  }
  Segments with_subtitles(Segments some) const {
    FinishedSegment made;
    made.track = "abr/subtitles-deu";
    made.file = "abr/subtitles-deu/subtitles.vtt";
    made.bytes = 100;
    some.push_back(made);
    return some;
  }
};

TEST(WriteAdaptive, TheMasterDoesNotWaitForSubtitles) {
  SubtitledJob job;
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments_below(1), false).ok());
  EXPECT_THAT(job.text_of("abr/master.m3u8"), Not(HasSubstr("SUBTITLES")));
  const Segments some = job.with_subtitles(job.segments_below(2));
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), some, false).ok());
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("URI=\"subtitles-deu/playlist.m3u8\""));
  EXPECT_THAT(job.text_of("abr/subtitles-deu/playlist.m3u8"),
              HasSubstr("#EXTINF:2.500000,\nsubtitles.vtt\n#EXT-X-ENDLIST\n"));
  const Segments all = job.with_subtitles(job.segments);
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), all, true).ok());
  EXPECT_THAT(job.text_of("abr/subtitles-deu/playlist.m3u8"), HasSubstr("#EXTINF:2.502500,\n"));
  EXPECT_THAT(job.text_of("abr/manifest.mpd"), HasSubstr("<BaseURL>subtitles-deu/subtitles.vtt</BaseURL>"));
}

TEST(WriteAdaptive, SubtitlesOfUnknownLengthComeAtTheEnd) {
  SubtitledJob job;
  job.plan.source.video[0].duration_seconds = 0;
  const Segments some = job.with_subtitles(job.segments_below(2));
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), some, false).ok());
  EXPECT_THAT(job.text_of("abr/master.m3u8"), Not(HasSubstr("SUBTITLES")));
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.with_subtitles(job.segments), true).ok());
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("SUBTITLES"));
}

TEST(WriteAdaptive, ASetWithoutItsSubtitlesIsNotWhole) {
  SubtitledJob job;
  const Status status = write_adaptive(job.folder, job.plan, job.abr(), job.segments, true);
  EXPECT_EQ(status.code(), Code::internal);
  EXPECT_THAT(status.message(), HasSubstr("abr/subtitles-deu"));
}

TEST(WriteAdaptive, SoundAloneIsASetToo) {
  test::PublishedJob job;
  job.plan.source.video.clear();
  job.plan.source.chosen_video = -1;
  job.plan.renditions.clear();
  job.plan.outputs[0].renditions.clear();
  std::erase_if(job.segments, [](const FinishedSegment& each) { return each.track != "abr/audio"; });
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments_below(1), false).ok());
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("CODECS=\"mp4a.40.2\"\naudio/playlist.m3u8\n"));
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  const Played master = play(job.folder / "abr/master.m3u8");
  ASSERT_THAT(master.kinds, testing::ElementsAre(AVMEDIA_TYPE_AUDIO));
  expect_packets(job, "abr/audio", master.packets[0]);
  EXPECT_THAT(job.text_of("abr/manifest.mpd"), Not(HasSubstr("video/mp4")));
}

TEST(WriteAdaptive, SaysTheRatesOfAVariableSource) {
  test::PublishedJob job;
  job.plan.source.video[0].variable_frame_rate = true;
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  // The average is DASH's; HLS wants the highest, which nobody knows.
  EXPECT_THAT(job.text_of("abr/manifest.mpd"), HasSubstr("frameRate=\"30000/1001\""));
  EXPECT_THAT(job.text_of("abr/master.m3u8"), Not(HasSubstr("FRAME-RATE")));
  for (PlannedRendition& each : job.plan.renditions) each.max_frame_rate = {24, 1};
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_THAT(job.text_of("abr/manifest.mpd"), HasSubstr("frameRate=\"24\""));
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("FRAME-RATE=24.000"));
}

TEST(WriteAdaptive, SaysWhatThePlanKnowsOfThePictures) {
  test::PublishedJob job;
  job.plan.source.video[0].color_transfer = "smpte2084";
  job.plan.source.video[0].closed_captions = true;
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("VIDEO-RANGE=SDR"));  // 8 bit: tone-mapped
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("CLOSED-CAPTIONS=\"captions\""));
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("NAME=\"German\""));
  for (PlannedRendition& each : job.plan.renditions) {
    each.ten_bit = true;
    each.codec = VideoCodec::hevc;
  }
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("VIDEO-RANGE=PQ"));
  EXPECT_THAT(job.text_of("abr/master.m3u8"), HasSubstr("CLOSED-CAPTIONS=NONE"));
}

}  // namespace
}  // namespace millrace::engine
