#include "engine/backend/vaapi/vaapi_backend.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "engine/backend/vaapi/every_picture.h"
#include "engine/backend/vaapi/vaapi_filters.h"
#include "engine/package/idr.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/media_log.h"
#include "engine/plan/stage.h"
#include "tests/engine/backend/coding.h"
#include "tests/engine/backend/fake_va.h"
#include "tests/engine/backend/packet_collector.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/mastering_display_metadata.h>
}

namespace millrace::engine {
namespace {

using test::coding;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kFrame = 3'600;  // ticks at 25 frames a second

Plan deinterlaced() {
  Plan plan;
  plan.source.video.push_back({});
  plan.source.chosen_video = 0;
  plan.source.video[0].interlaced = true;
  plan.source.video[0].frame_rate = {25, 1};
  plan.normalisations.push_back({"deinterlace", "bwdif=mode=send_frame:deint=interlaced", ""});
  return plan;
}

FramePtr numbered(int number) {
  FramePtr frame = picture(number * kFrame, 96, 64);
  test::draw_number(*frame, number);
  return frame;
}

AVPixelFormat surface_of(const AVFrame& frame) {
  return reinterpret_cast<const AVHWFramesContext*>(frame.hw_frames_ctx->data)->sw_format;
}

// Holds as many pictures as whatever follows a decoder may: pools have room for no more.
class HoldingSink final : public Sink<FramePtr> {
 public:
  Status push(FramePtr frame) override {
    pts.push_back(frame->pts);
    held.push_back(std::move(frame));
    if (held.size() > kHeldSurfaces) held.pop_front();
    return {};
  }
  Status finish() override { return {}; }

  std::vector<std::int64_t> pts;
  std::deque<FramePtr> held;
};

class VaapiBackendTest : public testing::Test {
 protected:
  void SetUp() override { init_media_log(); }

  std::unique_ptr<Backend> backend() { return make_vaapi_backend(VaapiDevice("vaapi:fake", fake_.device())); }

  // Numbered pictures taken up and encoded.
  Status encode(const VideoEncoderSettings& settings, int frames, PacketCollector& collected) {
    const auto device = backend();
    auto encoder = device->make_video_encoder(settings, collected);
    if (!encoder.ok()) return encoder.status();
    auto upload = device->make_upload(settings.ten_bit, **encoder);
    for (int i = 0; i < frames; ++i)
      if (Status status = (*upload)->push(numbered(i)); !status.ok()) return status;
    return (*upload)->finish();
  }

  // A sample of 50 frames, decoded there.
  Status decode(Sink<FramePtr>& out) {
    test::make_sample(folder_ / "a.mp4", test::SampleVideo{});
    auto input = MediaInput::open(folder_ / "a.mp4", {});
    EXPECT_TRUE(input.ok());
    (*input)->choose(0);
    DecoderSettings settings;
    settings.parameters = (*input)->chosen().codecpar;
    settings.time_base = (*input)->chosen().time_base;
    settings.path = "a.mp4";
    const auto device = backend();
    auto decoder = device->make_decoder(settings, out);
    if (!decoder.ok()) return decoder.status();
    while (true) {
      auto packet = (*input)->read();
      if (!packet.ok()) return packet.status();
      if (!*packet) return (*decoder)->finish();
      if (Status status = (*decoder)->push(std::move(*packet)); !status.ok()) return status;
    }
  }

  test::FakeVa fake_;
  const test::TempFolder folder_;
};

TEST_F(VaapiBackendTest, ScaledPicturesComeDownAsTheyWentUp) {
  for (const bool ten_bit : {false, true}) {
    CollectingSink sink;
    const auto device = backend();
    auto download = device->make_download(ten_bit, sink);
    const auto scaler = device->make_scaler({48, 32, ten_bit}, **download);
    auto upload = device->make_upload(ten_bit, *scaler);
    for (int i = 0; i < 8; ++i) ASSERT_TRUE((*upload)->push(numbered(i)).ok());
    ASSERT_TRUE((*upload)->finish().ok());
    ASSERT_EQ(sink.frames.size(), 8u);
    for (int i = 0; i < 8; ++i) {
      const AVFrame& frame = *sink.frames[static_cast<std::size_t>(i)];
      EXPECT_EQ(frame.pts, i * kFrame);
      EXPECT_EQ(frame.width, 48);
      EXPECT_EQ(frame.format, ten_bit ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P);
      if (!ten_bit) {
        EXPECT_EQ(test::number_in(frame), i);
      }
    }
    EXPECT_THAT(fake_.opened, Contains(VAEntrypointVideoProc));
  }
}

TEST_F(VaapiBackendTest, APictureThatFitsIsNotScaled) {
  CollectingSink sink;
  const auto device = backend();
  const auto scaler = device->make_scaler({96, 64, false}, sink);
  auto upload = device->make_upload(false, *scaler);
  ASSERT_TRUE((*upload)->push(numbered(5)).ok());
  EXPECT_EQ(fake_.pictures, 0);
  ASSERT_EQ(sink.frames.size(), 1u);
  EXPECT_EQ(surface_of(*sink.frames[0]), AV_PIX_FMT_NV12);
}

TEST_F(VaapiBackendTest, FullRangeIsNotSqueezedOnTheWayUp) {
  CollectingSink sink;
  const auto device = backend();
  auto upload = device->make_upload(false, sink);
  FramePtr frame = picture(0, 96, 64);
  std::fill_n(frame->data[0], frame->linesize[0] * 64, 250);
  frame->format = AV_PIX_FMT_YUVJ420P;
  ASSERT_TRUE((*upload)->push(std::move(frame)).ok());
  ASSERT_EQ(sink.frames.size(), 1u);
  const FramePtr surface = make_frame();
  ASSERT_GE(av_hwframe_transfer_data(surface.get(), sink.frames[0].get(), 0), 0);
  EXPECT_EQ(surface->data[0][0], 250);
  EXPECT_EQ(sink.frames[0]->color_range, AVCOL_RANGE_JPEG);
}

TEST_F(VaapiBackendTest, EncodesWithKeysWhereSegmentsBeginAndHeadersAheadAlone) {
  for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::hevc}) {
    PacketCollector collected;
    const Status status = encode(coding(codec), 25, collected);
    ASSERT_TRUE(status.ok()) << to_string(status);
    EXPECT_EQ(collected.packets.size(), 25u);
    EXPECT_THAT(collected.key_times(), ElementsAre(0, 10 * kFrame, 20 * kFrame));
    EXPECT_EQ(collected.reorder_frames, 0);
    EXPECT_FALSE(collected.extradata.empty());
    EXPECT_TRUE(collected.finished);
    AVCodecParameters parameters{};
    parameters.codec_id = collected.parameters->codec_id;
    for (const auto& packet : collected.packets) {
      const std::string_view sample(reinterpret_cast<const char*>(packet->data),
                                    static_cast<std::size_t>(packet->size));
      EXPECT_EQ(packet->dts, packet->pts);
      EXPECT_EQ(opens_with_idr(parameters, sample, false), packet->pts % (10 * kFrame) == 0) << packet->pts;
      const int type = codec == VideoCodec::h264 ? sample[4] & 0x1f : sample[4] >> 1 & 0x3f;
      EXPECT_LT(type, codec == VideoCodec::h264 ? 6 : 32) << "a sample begins with its picture";
    }
  }
}

// libavcodec's wrapper would write what the frames say, with drivers that take it.
TEST_F(VaapiBackendTest, EncodesTenBitsWithTheHdrOfTheTrackAlone) {
  fake_.abilities = {{VAProfileNone, VAEntrypointVideoProc}, {VAProfileHEVCMain10, VAEntrypointEncSlice}};
  VideoEncoderSettings deep = coding(VideoCodec::hevc);
  deep.ten_bit = true;
  deep.hdr.content_light = "1000,400";
  PacketCollector collected;
  const auto device = backend();
  auto encoder = device->make_video_encoder(deep, collected);
  ASSERT_TRUE(encoder.ok()) << to_string(encoder.status());
  auto upload = device->make_upload(true, **encoder);
  for (int i = 0; i < 25; ++i) {
    FramePtr frame = numbered(i);
    AVContentLightMetadata* light = av_content_light_metadata_create_side_data(frame.get());
    light->MaxCLL = 4000;
    const Status status = (*upload)->push(std::move(frame));
    ASSERT_TRUE(status.ok()) << to_string(status);
  }
  ASSERT_TRUE((*upload)->finish().ok());
  ASSERT_EQ(collected.packets.size(), 25u);
  EXPECT_EQ(collected.parameters->profile, FF_PROFILE_HEVC_MAIN_10);
  EXPECT_EQ(collected.hdr.content_light, "1000,400");
  const std::string sei("\x4e\x01\x90\x04\x03\xe8\x01\x90\x80", 9);
  for (const auto& packet : collected.packets) {
    const std::string_view sample(reinterpret_cast<const char*>(packet->data),
                                  static_cast<std::size_t>(packet->size));
    const bool key = packet->pts % (10 * kFrame) == 0;
    EXPECT_EQ(sample.substr(4).starts_with(sei), key) << packet->pts;
    EXPECT_EQ(sample.find("\x4e\x01", key ? 4 + sei.size() : 0), std::string_view::npos) << packet->pts;
  }
}

TEST_F(VaapiBackendTest, TellsTheDriverRateAndSpeed) {
  PacketCollector collected;
  ASSERT_TRUE(encode(coding(VideoCodec::h264), 3, collected).ok());
  EXPECT_EQ(fake_.rate_mode, unsigned{VA_RC_VBR});
  EXPECT_EQ(fake_.bits_per_second, 300'000u);  // the peak
  EXPECT_EQ(fake_.target_percentage, 66u);
  EXPECT_EQ(fake_.quality_level, 6u);
  EXPECT_THAT(fake_.opened, ElementsAre(VAEntrypointEncSlice));

  VideoEncoderSettings quality = coding(VideoCodec::hevc);
  quality.quality = 23;
  quality.preset = "slow";
  ASSERT_TRUE(encode(quality, 3, collected).ok());
  EXPECT_EQ(fake_.rate_mode, unsigned{VA_RC_CQP});
  EXPECT_EQ(fake_.quality_level, 3u);
}

TEST_F(VaapiBackendTest, TakesTheFixedFunctionEncoderWhereThereIsNoOther) {
  fake_.abilities = {{VAProfileH264High, VAEntrypointEncSliceLP, VA_RC_CBR}};
  PacketCollector collected;
  ASSERT_TRUE(encode(coding(VideoCodec::h264), 3, collected).ok());
  EXPECT_THAT(fake_.opened, ElementsAre(VAEntrypointEncSliceLP));
  EXPECT_EQ(fake_.rate_mode, unsigned{VA_RC_CBR});
  EXPECT_EQ(fake_.bits_per_second, 200'000u);
}

TEST_F(VaapiBackendTest, WhatDriverOrRoomLackIsBlamedOnItsStage) {
  PacketCollector collected;
  Status status = encode(coding(VideoCodec::av1), 1, collected);
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(blamed_stage(status), Stage::encode);
  EXPECT_THAT(status.message(), HasSubstr("vaapi:fake encodes no av1 of 8 bits"));

  VideoEncoderSettings capped = coding(VideoCodec::h264);
  capped.quality = 23;
  capped.max_bits_per_second = 1'000'000;
  status = encode(capped, 1, collected);
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_THAT(status.message(), HasSubstr("quality with a cap"));

  fake_.context_error = VA_STATUS_ERROR_ALLOCATION_FAILED;
  status = encode(coding(VideoCodec::h264), 1, collected);
  EXPECT_EQ(status.code(), Code::resource_exhausted) << to_string(status);
  EXPECT_EQ(blamed_stage(status), Stage::encode);

  CollectingSink sink;
  status = decode(sink);
  EXPECT_EQ(status.code(), Code::resource_exhausted) << to_string(status);
  EXPECT_EQ(blamed_stage(status), Stage::decode);

  fake_.abilities = {{VAProfileHEVCMain, VAEntrypointVLD}};
  status = decode(sink);
  EXPECT_EQ(status.code(), Code::unsupported) << to_string(status);
  EXPECT_EQ(blamed_stage(status), Stage::decode);
}

TEST_F(VaapiBackendTest, ADeviceThatIsLostInTheMiddleIsBlamedOnItsStage) {
  fake_.picture_error = VA_STATUS_ERROR_OPERATION_FAILED;
  fake_.fails_from_picture = 5;
  PacketCollector collected;
  Status status = encode(coding(VideoCodec::h264), 25, collected);
  EXPECT_EQ(status.code(), Code::device_lost) << to_string(status);
  EXPECT_EQ(blamed_stage(status), Stage::encode);
  EXPECT_FALSE(collected.finished);

  fake_.pictures = 0;
  CollectingSink decoded;
  status = decode(decoded);
  EXPECT_EQ(status.code(), Code::device_lost) << to_string(status);
  EXPECT_EQ(blamed_stage(status), Stage::decode);
  EXPECT_FALSE(decoded.finished);

  fake_.pictures = 5;
  CollectingSink scaled;
  const auto device = backend();
  const auto scaler = device->make_scaler({48, 32, false}, scaled);
  auto upload = device->make_upload(false, *scaler);
  status = (*upload)->push(numbered(0));
  EXPECT_EQ(status.code(), Code::device_lost) << to_string(status);
  EXPECT_EQ(blamed_stage(status), Stage::filters);
}

TEST_F(VaapiBackendTest, DecodesEveryPictureOntoSurfacesAndLetsThemGo) {
  {
    HoldingSink sink;
    const Status status = decode(sink);
    ASSERT_TRUE(status.ok()) << to_string(status);
    ASSERT_EQ(sink.pts.size(), 50u);
    ASSERT_EQ(sink.held.size(), std::size_t{kHeldSurfaces});
    EXPECT_TRUE(std::is_sorted(sink.pts.begin(), sink.pts.end()));
    EXPECT_EQ(sink.held[0]->format, AV_PIX_FMT_VAAPI);
    EXPECT_EQ(surface_of(*sink.held[0]), AV_PIX_FMT_NV12);
    EXPECT_EQ(fake_.pictures, 50);
    EXPECT_GT(fake_.surfaces(), 0u);
  }
  EXPECT_EQ(fake_.surfaces(), 0u);
  EXPECT_EQ(fake_.contexts(), 0u);
  EXPECT_EQ(fake_.buffers(), 0u);
}

TEST_F(VaapiBackendTest, ADeinterlacerLosesNoPictureWhateverItsDriverLooksAt) {
  for (const unsigned past : {0u, 1u, 2u})
    for (const unsigned future : {0u, 1u}) {
      fake_.past_references = past;
      fake_.future_references = future;
      CollectingSink sink;
      const auto device = backend();
      auto normaliser = device->make_normaliser(deinterlaced(), sink);
      ASSERT_TRUE(normaliser.ok());
      auto upload = device->make_upload(false, **normaliser);
      std::vector<std::int64_t> went_in;
      for (int i = 0; i < 6; ++i) {
        FramePtr frame = numbered(i);
        went_in.push_back(frame->pts);
        const Status status = (*upload)->push(std::move(frame));
        ASSERT_TRUE(status.ok()) << to_string(status);
      }
      const Status status = (*upload)->finish();
      ASSERT_TRUE(status.ok()) << to_string(status);
      EXPECT_EQ(sink.pts, went_in) << past << " and " << future;
      EXPECT_TRUE(sink.finished);
    }
}

TEST(EveryPicture, BlamesAFilterThatLosesAPicture) {
  CollectingSink sink;
  FilterStage::Settings settings;
  settings.chain = "select=not(eq(n\\,1))";
  EveryPicture stage(std::move(settings), 0, "vaapi:fake", sink);
  ASSERT_TRUE(stage.push(picture(0)).ok());
  ASSERT_TRUE(stage.push(picture(kFrame)).ok());
  const Status status = stage.push(picture(2 * kFrame));
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(blamed_stage(status), Stage::filters);
  EXPECT_THAT(status.message(), HasSubstr("lost 1 picture in"));
}

TEST(VaapiDeviceTest, ANodeThatIsNotThereIsADeviceThatIsLost) {
  init_media_log();
  const auto device = make_vaapi_backend("vaapi:/dev/dri/renderD250");
  EXPECT_EQ(device.status().code(), Code::device_lost);
  EXPECT_THAT(device.status().message(), HasSubstr("it does not open: No VA display found"));
}

}  // namespace
}  // namespace millrace::engine
