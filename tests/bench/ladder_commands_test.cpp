#include "bench/ladder_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(LadderCommands, TheWorkIsTheAutoLadder) {
  const LadderWork work = ladder_work(sample_source(), "veryfast");
  ASSERT_EQ(work.rungs.size(), 3u);
  EXPECT_EQ(work.rungs[0].name, "720p");
  EXPECT_EQ(work.rungs[2].size, (engine::PictureSize{640, 360}));
  EXPECT_EQ(work.rungs[2].bits_per_second, 800'000);
  EXPECT_DOUBLE_EQ(work.segment_seconds, 4);
  EXPECT_EQ(describe(work),
            "720p 2.8M 1280x720, 480p 1.4M 854x480, 360p 0.8M 640x360; x264 veryfast, segments of 4 s, HLS "
            "and DASH, AAC 128k");
}

TEST(LadderCommands, SegmentsAreWholeFramesLikeMillraces) {
  LadderSource source = sample_source();
  source.frame_rate = {30000, 1001};
  const Command command = one_command("ffmpeg", ladder_work(source, "veryfast"), "OUT");
  EXPECT_THAT(command, Contains("expr:gte(t,n_forced*4.004)"));
  EXPECT_THAT(command, Contains("4.004"));
}

TEST(LadderCommands, OneFfmpegCommandInFull) {
  LadderWork work = ladder_work(sample_source(), "fast");
  work.rungs.erase(work.rungs.begin() + 1);
  EXPECT_EQ(
      shell_text(one_command("ffmpeg", work, "OUT")),
      "ffmpeg -nostdin -hide_banner -loglevel error -y -i file:/media/in.mp4 -filter_complex "
      "'[0:0]split=2[s0][s1];[s0]scale=1280:720:flags=bicubic[v0];[s1]scale=640:360:flags=bicubic[v1]' "
      "-map '[v0]' -c:v:0 libx264 -preset:v:0 fast -b:v:0 2800000 -maxrate:v:0 4200000 -bufsize:v:0 5600000 "
      "-force_key_frames:v:0 'expr:gte(t,n_forced*4)' -forced-idr:v:0 1 -sc_threshold:v:0 0 -g:v:0 99999 "
      "-map '[v1]' -c:v:1 libx264 -preset:v:1 fast -b:v:1 800000 -maxrate:v:1 1200000 -bufsize:v:1 1600000 "
      "-force_key_frames:v:1 'expr:gte(t,n_forced*4)' -forced-idr:v:1 1 -sc_threshold:v:1 0 -g:v:1 99999 "
      "-map 0:1 -c:a aac -b:a 128000 -ac 2 -ar 48000 -fps_mode passthrough -f dash -hls_playlist 1 "
      "-seg_duration 4 -adaptation_sets 'id=0,streams=v id=1,streams=a' OUT/manifest.mpd");
}

TEST(LadderCommands, StreamsAreTheSourcesOwn) {
  LadderSource source = sample_source();
  source.video_stream = 2;
  source.audio_stream = 5;
  const std::string text = shell_text(one_command("ffmpeg", ladder_work(source, "fast"), "OUT"));
  EXPECT_THAT(text, HasSubstr("[0:2]split=3"));
  EXPECT_THAT(text, HasSubstr("-map 0:5"));
}

TEST(LadderCommands, ASilentSourceGetsNoSound) {
  LadderSource source = sample_source();
  source.audio_stream.reset();
  const Command command = one_command("ffmpeg", ladder_work(source, "fast"), "OUT");
  EXPECT_THAT(command, Not(Contains("-c:a")));
  EXPECT_THAT(command, Contains("id=0,streams=v"));
}

TEST(LadderCommands, AProcessARenditionDividesTheSameWork) {
  const LadderWork work = ladder_work(sample_source(), "fast");
  const std::vector<Command> commands = command_per_rendition("ffmpeg", work, "OUT");
  ASSERT_EQ(commands.size(), 3u);
  EXPECT_THAT(commands[0], Contains("[0:0]scale=1280:720:flags=bicubic[v0]"));
  EXPECT_THAT(commands[2], Contains("[0:0]scale=640:360:flags=bicubic[v0]"));
  EXPECT_THAT(commands[2], Contains("800000"));
  EXPECT_THAT(commands[0].back(), EndsWith("OUT/720p/manifest.mpd"));
  // The sound is made once.
  EXPECT_THAT(commands[0], Not(Contains("-c:a")));
  EXPECT_THAT(commands[1], Not(Contains("-c:a")));
  EXPECT_THAT(commands[2], Contains("-c:a"));
}

TEST(LadderCommands, MillraceIsAskedForTheSame) {
  const LadderWork work = ladder_work(sample_source(), "fast");
  EXPECT_EQ(shell_text(millrace_command("./millrace", work, "OUT", std::nullopt)),
            "./millrace transcode /media/in.mp4 -o OUT --ladder auto --package hls,dash --codec h264 "
            "--preset fast");
  EXPECT_THAT(shell_text(millrace_command("./millrace", work, "OUT", 3)), EndsWith("--preset fast --jobs 3"));
}

}  // namespace
}  // namespace millrace::bench
