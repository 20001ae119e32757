#include "bench/quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using engine::Result;

// As ffmpeg 5.1 and 7.1 (the second input's line) write it.
constexpr const char* kLog = R"(Input #0, mov,mp4, from 'file:a.mp4':
  Stream #0:0: Video: h264, yuv420p, 480x360
  Input stream #0:0 (video): 90 packets read (180086 bytes); 89 frames decoded; 
  Total: 90 packets (180086 bytes) demuxed
Input file #1 (file:in.mp4):
  Input stream #1:0 (audio): 5 packets read (1438 bytes); 5 frames decoded (5120 samples); 
  Input stream #1:1 (video): 91 packets read (1438342 bytes); 90 frames decoded; 0 decode errors (0 samples);
[Parsed_psnr_8 @ 0x55c502945240] PSNR y:42.975872 u:43.777858 v:40.101524 average:41.706816 min:11.487717 max:33.775546
[Parsed_ssim_7 @ 0x55c5029446c0] SSIM Y:0.984874 (12.587493) U:0.985664 (9.418188) V:0.981037 (7.012274) All:0.983366 (3.771297)
)";

std::string with(const std::string& from, const std::string& to) {
  std::string log = kLog;
  return log.replace(log.find(from), from.size(), to);
}

TEST(Quality, IsReadFromFfmpegsLog) {
  const Result<Quality> quality = quality_from_log(kLog);
  ASSERT_TRUE(quality.ok()) << quality.status().message();
  EXPECT_DOUBLE_EQ(quality->ssim, 0.983366);
  EXPECT_DOUBLE_EQ(quality->ssim_luma, 0.984874);
  EXPECT_DOUBLE_EQ(quality->psnr, 41.706816);
  EXPECT_DOUBLE_EQ(quality->psnr_luma, 42.975872);
  EXPECT_EQ(quality->frames, 89);
  EXPECT_EQ(quality->source_frames, 90);
}

TEST(Quality, EqualPicturesHaveInfinitePsnr) {
  const Result<Quality> quality = quality_from_log(with("average:41.706816", "average:inf"));
  ASSERT_TRUE(quality.ok());
  EXPECT_TRUE(std::isinf(quality->psnr));
}

TEST(Quality, ALogWithoutAFigureIsNoZero) {
  EXPECT_FALSE(quality_from_log("").ok());
  EXPECT_FALSE(quality_from_log(with("SSIM Y", "XXIM Y")).ok());
  EXPECT_FALSE(quality_from_log(with("average:", "middle:")).ok());
  EXPECT_FALSE(quality_from_log(with("89 frames decoded", "")).ok());
  EXPECT_FALSE(quality_from_log(with("#1:1 (video)", "#1:1 (data)")).ok());
}

TEST(Quality, TheSourceIsScaledToTheRendition) {
  LadderSource source = sample_source();
  source.video_stream = 3;
  const std::string text = shell_text(quality_command("ffmpeg", "/out/a.mp4", source, {640, 360}));
  EXPECT_THAT(text, ::testing::HasSubstr("-i file:/out/a.mp4 -i file:/media/in.mp4"));
  EXPECT_THAT(text, ::testing::HasSubstr("[1:3]scale=640:360:flags=bicubic+accurate_rnd"));
}

}  // namespace
}  // namespace millrace::bench
