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

TEST(WriteFileOutput, HasEveryPacketAtItsTimeWithTheMovieBoxInFront) {
  const test::PublishedJob job;
  const Status status = write_file_output(job.folder, job.plan, job.web(), job.segments);
  ASSERT_TRUE(status.ok()) << to_string(status);
  const Played file = play(job.folder / "web.mp4");
  ASSERT_THAT(file.kinds, testing::ElementsAre(AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO));
  expect_packets(job, "abr/90p", file.packets[0]);
  expect_packets(job, "abr/audio", file.packets[1]);
  EXPECT_NEAR(file.packets[0][0].pts, 0, 1e-9);
  EXPECT_NEAR(file.packets[1][0].pts, -1024 / 48'000.0, 1e-5);
  EXPECT_NEAR(file.seconds, 2.5025, 0.03);
  const std::string bytes = job.text_of("web.mp4");
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
  EXPECT_THAT(bytes, Not(HasSubstr("Lavf")));
  EXPECT_FALSE(fs::exists(job.folder / "web.mp4.tmp"));
}

TEST(WriteFileOutput, WorksWithoutSound) {
  test::PublishedJob job;
  job.plan.outputs[1].sounds.clear();
  ASSERT_TRUE(write_file_output(job.folder, job.plan, job.web(), job.segments).ok());
  EXPECT_THAT(play(job.folder / "web.mp4").packets.at(0), SizeIs(75));
}

TEST(WriteFileOutput, AFrameTooFewIsAFailureAndLeavesNoFile) {
  test::PublishedJob job;
  job.segments[1].frames += 1;
  const Status status = write_file_output(job.folder, job.plan, job.web(), job.segments);
  EXPECT_EQ(status.code(), Code::internal);
  EXPECT_THAT(status.message(), HasSubstr("web: track 0"));
  EXPECT_FALSE(fs::exists(job.folder / "web.mp4"));
  EXPECT_FALSE(fs::exists(job.folder / "web.mp4.tmp"));
}

TEST(WriteFileOutput, ADamagedOrMissingSegmentIsNamed) {
  test::PublishedJob job;
  fs::resize_file(job.folder / "abr/90p/00002.m4s", 300);
  EXPECT_THAT(write_file_output(job.folder, job.plan, job.web(), job.segments).message(),
              HasSubstr("abr/90p/00002.m4s"));
  fs::remove(job.folder / "abr/90p/00002.m4s");
  const Status status = write_file_output(job.folder, job.plan, job.web(), job.segments);
  EXPECT_EQ(status.code(), Code::not_found);
  EXPECT_THAT(status.message(), HasSubstr("abr/90p/00002.m4s"));
  EXPECT_FALSE(fs::exists(job.folder / "web.mp4"));
}

TEST(WriteFileOutput, OtherContainersAreRefused) {
  test::PublishedJob job;
  job.plan.outputs[1].container = Container::mkv;
  EXPECT_EQ(write_file_output(job.folder, job.plan, job.web(), job.segments).code(), Code::unsupported);
}

}  // namespace
}  // namespace millrace::engine
