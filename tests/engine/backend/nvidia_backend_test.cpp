// The NVIDIA backend over a driver of fakes: what it does to pictures, opens, refuses and loses. No GPU.
#include "engine/backend/nvidia/nvidia_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/backend/backend_set.h"
#include "engine/backend/nvidia/device_ladder.h"
#include "engine/backend/nvidia/nvenc.h"
#include "engine/backend/software/software_backend.h"
#include "engine/backend/vaapi/vaapi_codecs.h"
#include "tests/engine/backend/nvidia_case.h"
#include "tests/engine/backend/packet_collector.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const OverlaySet kNone;

TEST_F(OnTheFake, APictureComesDownAtEverySizeByOneLaunchAndOneCopy) {
  ASSERT_TRUE(open().ok());
  const Plan plan = plan_of({{64, 36}, {32, 18}});
  CollectingSink large, small, between;
  {
    const auto backend = make_nvidia_backend(std::move(device_));
    const auto ladder = backend->make_ladder(plan, kNone, between);
    ASSERT_TRUE(ladder.ok()) << to_string(ladder.status());
    for (std::int64_t pts = 0; pts < 3; ++pts) ASSERT_TRUE((*ladder)->push(decoded(pts, 64, 36)).ok());
    EXPECT_EQ(fake_.launches, 3);
    EXPECT_EQ(fake_.copies_down, 3);
    EXPECT_EQ(fake_.pinned, 3) << "all three are held";
    for (CollectingSink* each : {&large, &small}) {
      const bool first = each == &large;
      const auto download = backend->make_download(false, *each);
      const auto scaler =
          backend->make_scaler({first ? 64 : 32, first ? 36 : 18, false, first ? 0U : 1U}, **download);
      for (const FramePtr& carried : between.frames) ASSERT_TRUE(scaler->push(share(*carried)).ok());
      ASSERT_TRUE(scaler->finish().ok());
      EXPECT_TRUE(each->finished);
      EXPECT_THAT(each->pts, ElementsAre(0, 1, 2));
    }
    // The largest has the source's size and its samples; properties go along, but for the shape of pixels.
    const FramePtr source = decoded(1, 64, 36);
    const AVFrame& got = *large.frames[1];
    EXPECT_EQ(got.format, AV_PIX_FMT_YUV420P);
    EXPECT_EQ(got.colorspace, AVCOL_SPC_BT709);
    EXPECT_EQ(got.sample_aspect_ratio.num, 1);
    for (int y = 0; y < 36; ++y)
      for (int x = 0; x < 64; ++x)
        ASSERT_EQ(got.data[0][y * got.linesize[0] + x], source->data[0][y * source->linesize[0] + x])
            << x << "," << y;
    for (int y = 0; y < 18; ++y)
      for (int x = 0; x < 32; ++x) {
        const std::uint8_t* pair = source->data[1] + y * source->linesize[1] + 2 * x;
        ASSERT_EQ(got.data[1][y * got.linesize[1] + x], pair[0]) << x << "," << y;
        ASSERT_EQ(got.data[2][y * got.linesize[2] + x], pair[1]) << x << "," << y;
      }
    EXPECT_EQ(small.frames[2]->width, 32);
    // An overlay may be laid without another copy.
    EXPECT_TRUE(av_frame_is_writable(large.frames[0].get()));
    between.frames.clear();
    large.frames.clear();
    small.frames.clear();
    // What came back is used again.
    ASSERT_TRUE((*ladder)->push(decoded(3, 64, 36)).ok());
    EXPECT_EQ(fake_.pinned, 3);
    between.frames.clear();
  }
  expect_all_closed();
}

TEST_F(OnTheFake, TenBitsMoreThanEightRungsAndASourceThatChangesItsShape) {
  ASSERT_TRUE(open().ok());
  std::vector<SlabPicture> sizes(9, {16, 16});
  sizes.push_back({32, 16, true});
  const Plan plan = plan_of(sizes);
  EXPECT_THAT(launches_of(plan), ElementsAre(testing::SizeIs(8), ElementsAre(8), ElementsAre(9)));
  CollectingSink between;
  auto ladder = DeviceLadder::make(*device_, plan, kNone, between);
  ASSERT_TRUE(ladder.ok());
  ASSERT_TRUE((*ladder)->push(decoded(0, 64, 36, AV_PIX_FMT_P010LE)).ok());
  ASSERT_TRUE((*ladder)->push(decoded(1, 48, 32)).ok());
  EXPECT_EQ(fake_.launches, 6);
  CollectingSink out;
  RungPick pick(9, out);
  ASSERT_TRUE(pick.push(std::move(between.frames[0])).ok());
  EXPECT_EQ(out.frames[0]->format, AV_PIX_FMT_YUV420P10LE);
  EXPECT_EQ(out.frames[0]->width, 32);
  // The second picture is scaled as one of its shape is.
  CollectingSink fresh, after, alone;
  auto other = DeviceLadder::make(*device_, plan, kNone, fresh);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE((*other)->push(decoded(1, 48, 32)).ok());
  RungPick first(0, after), same(0, alone);
  ASSERT_TRUE(first.push(std::move(between.frames[1])).ok());
  ASSERT_TRUE(same.push(std::move(fresh.frames[0])).ok());
  const AVFrame &one = *after.frames[0], &two = *alone.frames[0];
  for (int y = 0; y < 16; ++y)
    EXPECT_EQ(std::memcmp(one.data[0] + y * one.linesize[0], two.data[0] + y * two.linesize[0], 16), 0) << y;
  for (CollectingSink* each : {&between, &out, &after, &alone})
    each->frames.clear();  // slabs go back before their ladders end
}

// A range that steps down in the middle of a rendition goes on under the init.mp4 that is there.
TEST_F(OnTheFake, TheCpusEncoderMakesTheSameHeadersOfPicturesThatWereScaledOnEitherSide) {
  ASSERT_TRUE(open().ok());
  const auto here = make_software_backend();
  const auto there = make_nvidia_backend(std::move(device_));
  const Plan plan = plan_of({{32, 18}});
  VideoEncoderSettings settings;
  settings.preset = "veryfast";
  settings.bits_per_second = 100'000;
  settings.clock = SegmentClock(kTicksPerSecond);
  PacketCollector from_card, from_cpu;
  const auto encode = [&](Backend& scaling, PacketCollector& collected, FramePtr picture) {
    const auto encoder = here->make_video_encoder(settings, collected);
    ASSERT_TRUE(encoder.ok());
    Sink<FramePtr>* next = encoder->get();
    std::unique_ptr<Sink<FramePtr>> download, ladder;
    ASSERT_TRUE(put_before(next, scaling.make_download(false, *next), download).ok());
    const auto scaler = scaling.make_scaler({32, 18, false, 0}, *next);
    next = scaler.get();
    ASSERT_TRUE(put_before(next, scaling.make_ladder(plan, kNone, *next), ladder).ok());
    picture->color_range = AVCOL_RANGE_MPEG;
    picture->colorspace = AVCOL_SPC_SMPTE170M;
    picture->color_primaries = AVCOL_PRI_SMPTE170M;
    picture->color_trc = AVCOL_TRC_SMPTE170M;
    picture->chroma_location = AVCHROMA_LOC_LEFT;
    ASSERT_TRUE(next->push(std::move(picture)).ok());
    ASSERT_TRUE(next->finish().ok());
  };
  encode(*there, from_card, decoded(0, 64, 36));
  encode(*here, from_cpu, picture(0, 64, 36));
  ASSERT_FALSE(from_cpu.extradata.empty());
  EXPECT_EQ(from_card.extradata, from_cpu.extradata);
  EXPECT_EQ(from_card.packets.size(), 1U);
}

TEST_F(OnTheFake, WhatTheDriverDoesNotOpenIsSaidAndNothingStaysOpen) {
  const struct {
    const char* call;
    kernels::CudaResult error;
    Code code;
    const char* why;
  } rows[] = {
      {"DeviceGet", 700, Code::device_lost, "CUDA device 0 does not open: CUDA_ERROR_ILLEGAL_ADDRESS (700)"},
      {"DevicePrimaryCtxRetain", 2, Code::resource_exhausted, "CUDA_ERROR_OUT_OF_MEMORY"},
      {"StreamCreate", 2, Code::resource_exhausted, "CUDA_ERROR_OUT_OF_MEMORY"},
      {"ModuleLoadData", 209, Code::unsupported, "the driver takes none of the GPU kernels"},
  };
  for (const auto& row : rows) {
    fake_.fails = {{row.call, row.error}};
    const Status status = open();
    EXPECT_EQ(status.code(), row.code) << row.call;
    EXPECT_THAT(status.message(), HasSubstr(row.why));
    expect_all_closed();
  }
  kernels::CudaDriver none;
  none.note = "libcuda.so.1 not found; install the NVIDIA driver";
  EXPECT_EQ(NvidiaDevice::open(none, 0).status().code(), Code::unsupported);
}

TEST_F(OnTheFake, WhatFailsOnTheWayIsBlamedOnItsStage) {
  const struct {
    const char* call;
    kernels::CudaResult error;
    Code code;
  } rows[] = {{"MemAlloc", 2, Code::resource_exhausted},   {"MemAllocHost", 2, Code::resource_exhausted},
              {"EventCreate", 700, Code::device_lost},     {"LaunchKernel", 700, Code::device_lost},
              {"MemcpyDtoHAsync", 700, Code::device_lost}, {"EventRecord", 700, Code::device_lost},
              {"EventSynchronize", 700, Code::device_lost}};
  const Plan plan = plan_of({{16, 16}});
  for (const auto& row : rows) {
    fake_.fails.clear();
    ASSERT_TRUE(open().ok());
    CollectingSink between, out;
    auto ladder = DeviceLadder::make(*device_, plan, kNone, between);
    ASSERT_TRUE(ladder.ok());
    fake_.fails = {{row.call, row.error}};
    Status status = (*ladder)->push(decoded(0, 16, 16));
    if (status.ok()) {
      SlabWait wait(*device_, out);
      RungPick pick(0, wait);
      status = pick.push(std::move(between.frames.at(0)));
    }
    EXPECT_EQ(status.code(), row.code) << row.call << ": " << status.message();
    EXPECT_EQ(blamed_stage(status), Stage::filters) << row.call;
    EXPECT_THAT(status.message(), HasSubstr("filters on cuda:0: ")) << row.call;
    between.frames.clear();
  }
}

TEST_F(OnTheFake, PicturesOfTheCpuOrInAnotherFormatAreRefusedByName) {
  ASSERT_TRUE(open().ok());
  const Plan plan = plan_of({{16, 16}});
  CollectingSink between;
  auto ladder = DeviceLadder::make(*device_, plan, kNone, between);
  Status status = (*ladder)->push(picture(0, 16, 16));
  EXPECT_EQ(blamed_stage(status), Stage::decode) << status.message();
  status = (*ladder)->push(decoded(0, 16, 16, AV_PIX_FMT_NV16));
  EXPECT_EQ(blamed_stage(status), Stage::filters);
  EXPECT_THAT(status.message(), HasSubstr("pictures in nv16"));
}

TEST(Rungs, TheShownPartOfAPictureIsWhatIsScaled) {
  FramePtr frame = decoded(0, 64, 36);
  frame->width = 63;
  frame->height = 35;
  frame->crop_left = 4;
  frame->crop_top = 2;
  const auto surface = source_surface(*frame, AV_PIX_FMT_NV12);
  ASSERT_TRUE(surface.ok());
  EXPECT_EQ(surface->width, 58);
  EXPECT_EQ(surface->height, 32);
  const auto at = [&](int plane, int offset) {
    return reinterpret_cast<std::byte*>(frame->data[plane] + offset);
  };
  EXPECT_EQ(surface->luma, at(0, 2 * frame->linesize[0] + 4));
  EXPECT_EQ(surface->u, at(1, frame->linesize[1] + 4));
  EXPECT_EQ(surface->v, surface->u + 1);
  EXPECT_EQ(surface->chroma_step, 2);
}

TEST(Slab, PlanesLieSideBySideOnWholeLines) {
  const SlabLayout layout = slab_layout({{66, 36}, {16, 10, true}});
  ASSERT_EQ(layout.pictures.size(), 2U);
  const SlabLayout::Planes& first = layout.pictures[0];
  EXPECT_EQ(first.luma_stride, 128);
  EXPECT_EQ(first.chroma_stride, 64);
  EXPECT_EQ(first.u, 128U * 36);
  EXPECT_EQ(first.v, first.u + 64U * 18);
  const SlabLayout::Planes& second = layout.pictures[1];
  EXPECT_EQ(second.luma, first.v + 64U * 18);
  EXPECT_EQ(second.luma_stride, 64);
  EXPECT_EQ(second.v, second.luma + 64U * 10 + 64U * 5);
  EXPECT_EQ(layout.bytes, second.v + 64U * 5 + 64);
  EXPECT_EQ(surface_of(second, nullptr).depth, 10);
}

TEST(Nvenc, SaysRateSpeedAndKeysInItsOwnWords) {
  EXPECT_EQ(nvenc_preset("veryfast"), "p2");
  EXPECT_EQ(nvenc_preset("placebo"), "p7");
  for (const VideoCodec codec : nvenc_encoders_here()) {
    const EncoderDialect dialect = nvenc_dialect(codec, "cuda:0");
    EXPECT_EQ(dialect.device, "cuda:0");
    VideoEncoderSettings settings;
    settings.codec = codec;
    settings.preset = "medium";
    settings.bits_per_second = 1'000'000;
    const CodecPtr average(avcodec_alloc_context3(avcodec_find_encoder_by_name(dialect.encoder)));
    EncoderOptions options;
    ASSERT_TRUE(dialect.configure(settings, *average, options).ok());
    EXPECT_EQ(average->bit_rate, 1'000'000);
    EXPECT_EQ(average->rc_max_rate, 1'500'000);
    EXPECT_EQ(average->max_b_frames, 0);
    EXPECT_THAT(options,
                testing::IsSupersetOf(EncoderOptions{{"preset", "p4"}, {"rc", "vbr"}, {"forced-idr", "1"}}));
    // Every option is one that this FFmpeg knows.
    for (const auto& [name, value] : options)
      EXPECT_GE(av_opt_set(average->priv_data, name.c_str(), value.c_str(), 0), 0)
          << dialect.encoder << " " << name;
    settings.quality = 23;
    settings.max_bits_per_second = 4'000'000;
    const CodecPtr quality(avcodec_alloc_context3(avcodec_find_encoder_by_name(dialect.encoder)));
    options.clear();
    ASSERT_TRUE(dialect.configure(settings, *quality, options).ok());
    EXPECT_EQ(quality->bit_rate, 0);
    EXPECT_EQ(quality->rc_max_rate, 4'000'000);
    EXPECT_THAT(options, testing::Contains(std::pair<std::string, std::string>("cq", "23")));
    settings.quality = 0;  // which NVENC would take for its own choice
    options.clear();
    ASSERT_TRUE(dialect.configure(settings, *quality, options).ok());
    EXPECT_THAT(options, testing::Contains(std::pair<std::string, std::string>("cq", "1")));
  }
}

TEST(Nvenc, EncodesTenBitsOfAllButH264WithTheirHdr) {
  VideoEncoderSettings deep;
  deep.ten_bit = true;
  for (const VideoCodec codec : nvenc_encoders_here()) {
    const EncoderDialect dialect = nvenc_dialect(codec, "cuda:0");
    deep.codec = codec;
    const CodecPtr context(avcodec_alloc_context3(avcodec_find_encoder_by_name(dialect.encoder)));
    EncoderOptions options;
    const Status status = dialect.configure(deep, *context, options);
    if (codec == VideoCodec::h264) {
      EXPECT_EQ(status.code(), Code::unsupported);
      EXPECT_EQ(dialect.with_hdr, nullptr);
      continue;
    }
    ASSERT_TRUE(status.ok()) << to_string(status);
    EXPECT_NE(dialect.with_hdr, nullptr);
    if (codec == VideoCodec::hevc) {
      EXPECT_THAT(options, testing::Contains(std::pair<std::string, std::string>("profile", "main10")));
      EXPECT_EQ(av_opt_set(context->priv_data, "profile", "main10", 0), 0);
    }
  }
}

// Placement may plan what the pipeline can carry through, and no more.
TEST(BackendSet, SaysWhatPlacementMayPlan) {
  const Backends built = built_backends();
  EXPECT_EQ(built.nvidia, !kernels::kernel_images().empty());
  EXPECT_THAT(built.nvidia_steps,
              ElementsAre("deinterlace", "rotate", "even_size", "square_pixels", "tone_map", "pixel_format"));
  EXPECT_EQ(built.nvidia_encodes, nvenc_encoders_here());
  EXPECT_EQ(built.vaapi_encodes, vaapi_encoders_here());
  EXPECT_THAT(built.ten_bit_encodes, ElementsAre(VideoCodec::hevc, VideoCodec::av1));
}

TEST(BackendSet, OpensWhatThePlanNamesAndBlamesTheFirstStageThatCannotBe) {
  Plan plan = plan_of({{16, 16}, {8, 8}});
  plan.decode_device = plan.filter_device = "cpu";
  const auto cpu = BackendSet::open(plan);
  ASSERT_TRUE(cpu.ok());
  EXPECT_EQ((*cpu)->of("cpu").name(), "cpu");
  const struct {
    const char *decode, *filters, *encode;
    Stage blamed;
    const char* why;
  } rows[] = {
      {"tpu:0", "tpu:0", "cpu", Stage::decode, "decode on tpu:0: this build has no backend for it"},
      {"cuda:x", "cuda:x", "cpu", Stage::decode, "no backend for it"},
      {"cpu", "cpu", "tpu:0", Stage::encode, "encode on tpu:0: this build"},
      {"cpu", "tpu:0", "cpu", Stage::filters, "filters on tpu:0: this build"},
      {"tpu:0", "cpu", "cpu", Stage::decode, "its pictures cannot be filtered on cpu"},
  };
  for (const auto& row : rows) {
    plan.decode_device = row.decode;
    plan.filter_device = row.filters;
    plan.renditions[1].encode_device = row.encode;
    const Status status = BackendSet::open(plan).status();
    EXPECT_EQ(status.code(), Code::unsupported) << row.why;
    EXPECT_EQ(blamed_stage(status), row.blamed) << row.why;
    EXPECT_THAT(status.message(), HasSubstr(row.why));
  }
  // A card that no machine has: whatever its driver says, the stage is named.
  plan.decode_device = plan.filter_device = "cuda:999";
  plan.renditions[1].encode_device = "cpu";
  EXPECT_EQ(blamed_stage(BackendSet::open(plan).status()), Stage::decode);
}

}  // namespace
}  // namespace millrace::engine
