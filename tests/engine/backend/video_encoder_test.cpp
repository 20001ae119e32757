#include "engine/backend/software/video_encoder.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/package/idr.h"
#include "engine/pipeline/decode_times.h"
#include "engine/pipeline/media_log.h"
#include "engine/plan/stage.h"
#include "tests/engine/backend/coding.h"
#include "tests/engine/backend/packet_collector.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/support/media_sample.h"

namespace millrace::engine {
namespace {

using test::coding;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Every frame a new scene.
FramePtr scene(std::int64_t pts, int number, bool ten_bit = false) {
  FramePtr frame = picture(pts, 96, 64);
  test::draw_number(*frame, number * 37 % 256);
  if (!ten_bit) return frame;
  FramePtr deep = make_frame();
  deep->format = AV_PIX_FMT_YUV420P10LE;
  deep->width = frame->width;
  deep->height = frame->height;
  if (av_frame_get_buffer(deep.get(), 0) < 0) throw std::bad_alloc();
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? 64 : 32); ++y)
      for (int x = 0; x < (plane == 0 ? 96 : 48); ++x)
        reinterpret_cast<std::uint16_t*>(deep->data[plane] + y * deep->linesize[plane])[x] =
            static_cast<std::uint16_t>(frame->data[plane][y * frame->linesize[plane] + x] * 4);
  deep->pts = pts;
  deep->time_base = kTicks;
  return deep;
}

// A texture that moves, with a grain no encoder foresees.
FramePtr moving(std::int64_t pts, int number) {
  FramePtr frame = picture(pts, 320, 192);
  std::uint32_t grain = static_cast<std::uint32_t>(number) * 2'654'435'761U + 1;
  for (int y = 0; y < 192; ++y)
    for (int x = 0; x < 320; ++x) {
      grain = grain * 1'664'525U + 1'013'904'223U;
      frame->data[0][y * frame->linesize[0] + x] = static_cast<std::uint8_t>(
          60 + ((x + 2 * number) / 8 * 31 + (y + number) / 8 * 57) % 120 + (grain >> 28));
    }
  return frame;
}

std::int64_t bytes_in(const PacketCollector& collected) {
  std::int64_t bytes = 0;
  for (const auto& packet : collected.packets) bytes += packet->size;
  return bytes;
}

class VideoEncoderTest : public testing::TestWithParam<VideoCodec> {
 protected:
  void SetUp() override { init_media_log(); }

  static void encode(const VideoEncoderSettings& wanted, int frames, PacketCollector& collected,
                     std::int64_t first = 0) {
    VideoEncoder encoder(wanted, collected);
    for (int i = 0; i < frames; ++i) {
      const Status status = encoder.push(scene(first + i * 3600, i, wanted.ten_bit));
      ASSERT_TRUE(status.ok()) << to_string(status);
    }
    const Status status = encoder.finish();
    ASSERT_TRUE(status.ok()) << to_string(status);
  }
  static std::int64_t bytes_of_moving(const VideoEncoderSettings& wanted, int frames) {
    PacketCollector collected;
    VideoEncoder encoder(wanted, collected);
    for (int i = 0; i < frames; ++i) EXPECT_TRUE(encoder.push(moving(i * 3600, i)).ok());
    EXPECT_TRUE(encoder.finish().ok());
    EXPECT_EQ(collected.packets.size(), static_cast<std::size_t>(frames));
    return bytes_in(collected);
  }
};

// What is planned for an encoder that is not open is what the open one says. (The others reorder nothing.)
TEST_P(VideoEncoderTest, ItsReorderingIsKnownBeforehand) {
  const bool reorders = GetParam() == VideoCodec::h264 || GetParam() == VideoCodec::hevc;
  for (const char* preset : {"veryfast", "ultrafast", "superfast", "medium", "slower"}) {
    VideoEncoderSettings wanted = coding(GetParam());
    wanted.preset = preset;
    PacketCollector collected;
    encode(wanted, 20, collected);
    EXPECT_EQ(collected.reorder_frames, cpu_reorder_frames(GetParam(), preset)) << preset;
    if (!reorders) break;
  }
}

TEST(VideoEncoder, LeavesRoomForAnEncoderThatReordersDeeper) {
  VideoEncoderSettings wanted = coding(VideoCodec::h264);
  wanted.least_reorder_frames = 5;
  PacketCollector collected;
  VideoEncoder encoder(wanted, collected);
  ASSERT_TRUE(encoder.push(scene(0, 0)).ok());
  ASSERT_TRUE(encoder.finish().ok());
  EXPECT_EQ(collected.reorder_frames, 5);
}

// One edit list serves a device's encoder and the CPU's.
TEST(VideoEncoderOnADevice, MayNotReorderDeeperThanTheCpus) {
  EncoderDialect dialect = dialect_of(VideoCodec::h264);
  dialect.device = "cuda:0";
  VideoEncoderSettings wanted = coding(VideoCodec::h264);
  wanted.least_reorder_frames = 1;
  PacketCollector collected;
  const Status status = VideoEncoder(wanted, dialect, collected).push(scene(0, 0));
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(blamed_stage(status), Stage::encode);
  wanted.least_reorder_frames = 2;
  VideoEncoder fits(wanted, dialect, collected);
  EXPECT_TRUE(fits.push(scene(0, 0)).ok());
  EXPECT_TRUE(fits.finish().ok());
}

TEST_P(VideoEncoderTest, PutsKeysWhereSegmentsBeginAndNowhereElse) {
  PacketCollector collected;
  encode(coding(GetParam()), 25, collected);
  EXPECT_EQ(collected.packets.size(), 25u);
  EXPECT_THAT(collected.key_times(), ElementsAre(0, 36'000, 72'000));
  EXPECT_TRUE(collected.finished);
  AVCodecParameters parameters{};  // lengths of four bytes, as samples have them
  parameters.codec_id = collected.parameters->codec_id;
  for (const auto& packet : collected.packets) {
    const bool key = packet->pts % 36'000 == 0;
    const std::string_view data(reinterpret_cast<const char*>(packet->data),
                                static_cast<std::size_t>(packet->size));
    EXPECT_EQ(opens_with_idr(parameters, data, (packet->flags & AV_PKT_FLAG_KEY) != 0), key) << packet->pts;
  }
}

TEST_P(VideoEncoderTest, PutsFurtherKeysWhereGopsBegin) {
  PacketCollector collected;
  VideoEncoderSettings wanted = coding(GetParam());
  wanted.gop_ticks = 18'000;
  encode(wanted, 23, collected);
  EXPECT_THAT(collected.key_times(), ElementsAre(0, 18'000, 36'000, 54'000, 72'000));
}

TEST_P(VideoEncoderTest, ClosesEverySegment) {
  PacketCollector collected;
  encode(coding(GetParam()), 30, collected);
  std::int64_t segment = 0;
  for (const auto& packet : collected.packets) {
    EXPECT_GE(packet->pts / 36'000, segment) << "a frame came after the next segment's key";
    segment = packet->pts / 36'000;
  }
}

TEST_P(VideoEncoderTest, HoldsNoFrameBackLongerThanItTells) {
  for (const char* preset : {"ultrafast", "veryfast", "medium"}) {
    PacketCollector collected;
    VideoEncoderSettings wanted = coding(GetParam());
    wanted.preset = preset;
    encode(wanted, 20, collected);
    std::vector<std::int64_t> pts;
    for (const auto& packet : collected.packets) pts.push_back(packet->pts);
    pts.resize(10);
    const std::int64_t shift = reorder_shift(collected.reorder_frames, {25, 1});
    EXPECT_EQ(decode_times(pts, shift).front(), -shift) << preset << ": " << collected.reorder_frames;
  }
}

TEST_P(VideoEncoderTest, MakesTheSameHeadersForEveryRange) {
  PacketCollector one;
  PacketCollector two;
  encode(coding(GetParam()), 12, one);
  encode(coding(GetParam()), 25, two, 360'000);
  EXPECT_EQ(one.extradata, two.extradata);
}

TEST_P(VideoEncoderTest, KeepsItsBitrateWithinReason) {
  VideoEncoderSettings wanted = coding(GetParam());
  wanted.clock = SegmentClock(2 * kTicksPerSecond);
  wanted.bits_per_second = 800'000;
  const double bits_per_second = static_cast<double>(bytes_of_moving(wanted, 200)) * 8 / 8;
  EXPECT_GT(bits_per_second, 800'000 * 0.7);
  EXPECT_LT(bits_per_second, 800'000 * 1.35);
}

TEST_P(VideoEncoderTest, KeepsConstantQualityAndItsCap) {
  VideoEncoderSettings wanted = coding(GetParam());
  wanted.clock = SegmentClock(2 * kTicksPerSecond);
  wanted.quality = 24;
  const std::int64_t good = bytes_of_moving(wanted, 100);
  wanted.quality = 44;
  const std::int64_t poor = bytes_of_moving(wanted, 100);
  EXPECT_LT(poor, good * 8 / 10);
  wanted.quality = 24;
  wanted.max_bits_per_second = good * 8 / 4 / 3;  // a third of what four seconds took
  EXPECT_LT(bytes_of_moving(wanted, 100), good * 6 / 10);
}

TEST_P(VideoEncoderTest, KeepsUnevenTimes) {
  PacketCollector collected;
  VideoEncoder encoder(coding(GetParam()), collected);
  const std::vector<std::int64_t> times = {0, 3000, 7000, 30'000, 41'000, 41'003, 80'000};
  for (std::size_t i = 0; i < times.size(); ++i)
    ASSERT_TRUE(encoder.push(scene(times[i], static_cast<int>(i))).ok());
  ASSERT_TRUE(encoder.finish().ok());
  std::vector<std::int64_t> found;
  for (const auto& packet : collected.packets) found.push_back(packet->pts);
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, times);
  EXPECT_THAT(collected.key_times(), ElementsAre(0, 41'000, 80'000));
}

TEST_P(VideoEncoderTest, RefusesAnUnknownPreset) {
  PacketCollector collected;
  VideoEncoderSettings wrong = coding(GetParam());
  wrong.preset = "warp";
  VideoEncoder encoder(wrong, collected);
  const Status status = encoder.push(scene(0, 0));
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr("warp"));
}

TEST_P(VideoEncoderTest, RefusesAPictureOfAnotherSizeOrDepth) {
  PacketCollector collected;
  VideoEncoder encoder(coding(GetParam()), collected);
  ASSERT_TRUE(encoder.push(scene(0, 0)).ok());
  EXPECT_EQ(encoder.push(picture(3600, 32, 48)).code(), Code::internal);
  EXPECT_EQ(encoder.push(scene(3600, 0, true)).code(), Code::internal);
}

TEST_P(VideoEncoderTest, FinishesWithoutAFrameAndStopsInTheMiddle) {
  PacketCollector collected;
  VideoEncoder encoder(coding(GetParam()), collected);
  ASSERT_TRUE(encoder.finish().ok());
  EXPECT_EQ(collected.reorder_frames, -1) << "no track begins";
  EXPECT_TRUE(collected.finished);
  PacketCollector left;
  VideoEncoder stopped(coding(GetParam()), left);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(stopped.push(scene(i * 3600, i)).ok());
}

TEST_P(VideoEncoderTest, SaysNothingOnStderr) {
  testing::internal::CaptureStderr();
  PacketCollector collected;
  encode(coding(GetParam()), 12, collected);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

std::string name_of_param(const testing::TestParamInfo<VideoCodec>& info) {
  return std::string(name_of(info.param));
}
INSTANTIATE_TEST_SUITE_P(Codecs, VideoEncoderTest,
                         testing::Values(VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1,
                                         VideoCodec::vp9),
                         name_of_param);

TEST(VideoEncoder, RefusesTenBitsInH264) {
  PacketCollector collected;
  VideoEncoderSettings wanted = coding(VideoCodec::h264);
  wanted.ten_bit = true;
  EXPECT_EQ(VideoEncoder(wanted, collected).push(scene(0, 0, true)).code(), Code::unsupported);
}

// x264 names its settings in the first picture's SEI.
std::string x264_settings(const char* preset, int width, int height) {
  PacketCollector collected;
  VideoEncoderSettings wanted = coding(VideoCodec::h264);
  wanted.preset = preset;
  VideoEncoder encoder(wanted, collected);
  EXPECT_TRUE(encoder.push(picture(0, width, height)).ok());
  EXPECT_TRUE(encoder.finish().ok());
  const AVPacket& first = *collected.packets.at(0);
  const std::string bytes(reinterpret_cast<const char*>(first.data), static_cast<std::size_t>(first.size));
  const std::size_t at = bytes.find("options: ");
  return at == std::string::npos ? "" : bytes.substr(at, bytes.find('\0', at) - at);
}

TEST(VideoEncoder, SearchesLargePicturesLessWithX264) {
  // analyse: 0x10 are the quarters of P-frames, 0x100 those of B-frames.
  EXPECT_THAT(x264_settings("veryfast", 1920, 1080),
              AllOf(HasSubstr("analyse=0x3:0x3 me=dia"), HasSubstr("aq=2:"), HasSubstr("rc_lookahead=12")));
  EXPECT_THAT(x264_settings("veryfast", 1280, 720), HasSubstr("analyse=0x3:0x13 me=dia"));
  EXPECT_THAT(x264_settings("veryfast", 640, 360), HasSubstr("analyse=0x3:0x113 me=dia"));
  EXPECT_THAT(x264_settings("faster", 1280, 720), AllOf(HasSubstr("analyse=0x3:0x13 "), HasSubstr("aq=2:")));
  EXPECT_THAT(x264_settings("fast", 640, 360), AllOf(HasSubstr("analyse=0x3:0x113 "), HasSubstr("aq=2:")));
  EXPECT_THAT(x264_settings("medium", 1280, 720), AllOf(HasSubstr("analyse=0x3:0x13 "), HasSubstr("ref=2 ")));
}

TEST(VideoEncoder, LeavesOtherPresetsOfX264AsTheyAre) {
  EXPECT_THAT(x264_settings("superfast", 1280, 720), AllOf(HasSubstr("me=dia"), HasSubstr("aq=1:")));
  EXPECT_THAT(x264_settings("slow", 1280, 720), AllOf(HasSubstr("analyse=0x3:0x113 "), HasSubstr("aq=1:")));
}

TEST(VideoEncoder, TellsHdrToTheTrack) {
  PacketCollector collected;
  VideoEncoderSettings wanted = coding(VideoCodec::hevc);
  wanted.ten_bit = true;
  wanted.hdr.content_light = "1000,400";
  VideoEncoder encoder(wanted, collected);
  ASSERT_TRUE(encoder.push(scene(0, 0, true)).ok());
  ASSERT_TRUE(encoder.finish().ok());
  EXPECT_EQ(collected.hdr.content_light, "1000,400");
}

TEST(VideoEncoder, PutsHdrIntoEachKeyFrameWhereTheDialectSaysHow) {
  EncoderDialect dialect = dialect_of(VideoCodec::hevc);
  dialect.with_hdr = [](std::string_view sample, const HdrMetadata& hdr) -> Result<std::string> {
    return "[" + hdr.content_light + "]" + std::string(sample);
  };
  VideoEncoderSettings wanted = coding(VideoCodec::hevc);
  wanted.ten_bit = true;
  wanted.hdr.content_light = "1000,400";
  PacketCollector collected;
  VideoEncoder encoder(wanted, dialect, collected);
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(encoder.push(scene(i * 3600, i, true)).ok());
  ASSERT_TRUE(encoder.finish().ok());
  ASSERT_EQ(collected.packets.size(), 25u);
  for (const auto& packet : collected.packets) {
    const std::string_view sample(reinterpret_cast<const char*>(packet->data),
                                  static_cast<std::size_t>(packet->size));
    EXPECT_EQ(sample.starts_with("[1000,400]"), packet->pts % 36'000 == 0) << packet->pts;
  }
}

TEST(VideoEncoder, CodesTheoraAtAConstantRate) {
  PacketCollector collected;
  VideoEncoder encoder(coding(VideoCodec::theora), collected);
  for (int i = 0; i < 25; ++i) {
    FramePtr frame = scene(i * 3600, i);
    set_duration(*frame, 3600);
    ASSERT_TRUE(encoder.push(std::move(frame)).ok());
  }
  ASSERT_TRUE(encoder.finish().ok());
  ASSERT_EQ(collected.packets.size(), 25u);
  for (std::size_t i = 0; i < 25; ++i) {
    EXPECT_EQ(collected.packets[i]->pts, static_cast<std::int64_t>(i) * 3600);
    EXPECT_EQ(collected.packets[i]->duration, 3600);
  }
  EXPECT_EQ(collected.key_times().front(), 0);
  EXPECT_GE(collected.key_times().size(), 3u) << "at least one in ten frames; new scenes get one too";
  EXPECT_EQ(collected.reorder_frames, 0);
  EXPECT_GT(collected.extradata.size(), 100u) << "Xiph headers";
}

}  // namespace
}  // namespace millrace::engine
