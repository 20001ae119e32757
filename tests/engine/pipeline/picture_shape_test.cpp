#include "engine/pipeline/picture_shape.h"

#include <gmock/gmock.h>

#include "engine/backend/software/software_backend.h"
#include "engine/base/file.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/picture_feed.h"
#include "engine/pipeline/stills.h"
#include "engine/plan/normalise.h"
#include "engine/plan/picture_fit.h"
#include "engine/plan/stage.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/engine/pipeline/run_range_case.h"
#include "tests/engine/pipeline/still_files.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

VideoTrack track() {
  VideoTrack track;
  track.width = 96;
  track.height = 64;
  track.pixel_format = "yuv420p";
  return track;
}

TEST(PictureShape, APictureIsSeenAsItSaysItself) {
  FramePtr frame = picture(0, 64, 48);
  frame->sample_aspect_ratio = {32, 24};
  frame->color_range = AVCOL_RANGE_JPEG;
  frame->colorspace = AVCOL_SPC_BT709;
  frame->color_primaries = AVCOL_PRI_BT2020;
  frame->color_trc = AVCOL_TRC_SMPTE2084;
  const VideoTrack now = seen_as(track(), *frame);
  EXPECT_EQ(now.width, 64);
  EXPECT_EQ(now.height, 48);
  EXPECT_EQ(now.sample_aspect, (Rational{4, 3}));
  EXPECT_EQ(now.color_range, "pc");
  EXPECT_EQ(now.color_matrix, "bt709");
  EXPECT_EQ(now.color_primaries, "bt2020");
  EXPECT_EQ(now.color_transfer, "smpte2084");
}

TEST(PictureShape, WhatItDoesNotSayIsTheTracks) {
  VideoTrack planned = track();
  planned.sample_aspect = {4, 3};
  planned.color_range = "tv";
  planned.color_matrix = planned.color_primaries = planned.color_transfer = "bt709";
  const VideoTrack now = seen_as(planned, *picture(0, 96, 64));
  EXPECT_TRUE(is_same_shape(planned, now));
  EXPECT_EQ(now.color_matrix, "bt709");
  EXPECT_EQ(now.sample_aspect, (Rational{4, 3}));
}

TEST(PictureShape, OfASurfaceWhatIsCutOffDoesNotCount) {
  FramePtr frame = picture(0, 104, 64);
  frame->crop_left = 8;
  EXPECT_TRUE(is_same_shape(track(), seen_as(track(), *frame)));
}

TEST(PictureShape, ASurfaceOfTheSameSamplesIsTheTracksOwn) {
  const auto surface = [](AVPixelFormat samples) {
    FramePtr frame = picture(0, 96, 64);
    const BufferPtr device(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_CUDA));
    frame->hw_frames_ctx = av_hwframe_ctx_alloc(device.get());
    reinterpret_cast<AVHWFramesContext*>(frame->hw_frames_ctx->data)->sw_format = samples;
    frame->format = AV_PIX_FMT_CUDA;
    return frame;
  };
  EXPECT_TRUE(is_same_shape(track(), seen_as(track(), *surface(AV_PIX_FMT_NV12))));
  EXPECT_FALSE(is_same_shape(track(), seen_as(track(), *surface(AV_PIX_FMT_P010LE))));
}

TEST(PictureShape, PicturesOfThePlannedShapePassUntouched) {
  CollectingSink sink;
  FilterStage::Settings settings;
  settings.chain_for = chain_by_shape(track(), false, "", "");
  FilterStage stage(std::move(settings), sink);
  FramePtr frame = picture(0, 96, 64);
  const auto* data = frame->data[0];
  ASSERT_TRUE(stage.push(std::move(frame)).ok());
  EXPECT_EQ(sink.frames.at(0)->data[0], data);
}

TEST(PictureShape, EveryShapeGoesOnInItsTurnAndNoneIsLost) {
  CollectingSink sink;
  FilterStage::Settings settings;
  settings.chain_for = chain_by_shape(track(), false, "", "");
  FilterStage stage(std::move(settings), sink);
  for (int i = 0; i < 12; ++i) {
    const bool other = i / 3 % 2 == 1;
    ASSERT_TRUE(stage.push(picture(i * 3600, other ? 128 : 96, other ? 128 : 64)).ok());
  }
  ASSERT_TRUE(stage.finish().ok());
  ASSERT_EQ(sink.frames.size(), 12U);
  for (std::size_t i = 0; i < sink.frames.size(); ++i) {
    EXPECT_EQ(sink.pts[i], static_cast<std::int64_t>(i) * 3600);
    EXPECT_EQ(sink.frames[i]->width, 96);
    EXPECT_EQ(sink.frames[i]->height, 64);
  }
  // 128x128 stands in the middle of 96x64, 64 wide, on black.
  EXPECT_EQ(sink.frames[3]->data[0][15], 16);
  EXPECT_EQ(sink.frames[3]->data[0][17], 128);
}

TEST(SameShape, ADeviceStepsDownFromAnotherShape) {
  CollectingSink sink;
  SameShape stage(track(), "cuda:0", sink);
  ASSERT_TRUE(stage.push(picture(0, 96, 64)).ok());
  const Status status = stage.push(picture(90'000, 128, 64));
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(blamed_stage(status), Stage::filters);
  EXPECT_TRUE(is_of_source(status));
  EXPECT_THAT(status.message(), HasSubstr("at 1.000 s, from 96x64"));
  EXPECT_THAT(status.message(), HasSubstr("to 128x64"));
  EXPECT_THAT(status.message(), HasSubstr("cuda:0"));
  EXPECT_EQ(sink.frames.size(), 1U);
}

// Two transport streams, one after the other, the second with pictures of another size: 50 and 50 of them.
class JoinedPicturesTest : public RunRangeTest {
 protected:
  Plan joined(int width, int height) {
    test::SampleVideo first;
    test::SampleVideo second;
    second.width = width;
    second.height = height;
    make_sample(folder_ / "a.ts", first);
    make_sample(folder_ / "b.ts", second);
    const std::string bytes = read_file(folder_ / "a.ts").value() + read_file(folder_ / "b.ts").value();
    EXPECT_TRUE(write_file(folder_ / "joined.ts", bytes).ok());
    Plan plan = inspected(folder_ / "joined.ts");
    plan.normalisations = normalise(*plan.source.main_video()).value().steps;
    return plan;
  }
};

TEST_F(JoinedPicturesTest, TheLadderKeepsItsSizeAndEveryPicture) {
  const Plan plan = joined(192, 128);
  run(plan, folder_ / "out");
  for (const std::string name : {"large", "small"}) {
    const test::PlayedTrack played = test::play(folder_ / "out" / name);
    ASSERT_EQ(played.frames.size(), 100U) << name;
    for (std::size_t i = 0; i < played.frames.size(); ++i) {
      EXPECT_EQ(played.frames[i].width, name == "large" ? 96 : 64);
      EXPECT_EQ(played.frames[i].height, name == "large" ? 64 : 48);
      EXPECT_EQ(played.frames[i].number, static_cast<int>(i % 50)) << name << ", picture " << i;
    }
  }
}

// A range that begins after the change makes the same headers as one before it, or they would not join.
TEST_F(JoinedPicturesTest, RangesJoinWhereverTheyBegin) {
  const Plan plan = joined(192, 128);
  run(plan, folder_ / "out", 3);
  run(plan, folder_ / "out", 0, 3);
  const test::PlayedTrack played = test::play(folder_ / "out/large");
  ASSERT_EQ(played.frames.size(), 100U);
  for (std::size_t i = 0; i < played.frames.size(); ++i)
    EXPECT_EQ(played.frames[i].number, static_cast<int>(i % 50)) << i;
}

// Decodes and filters as the CPU does, but is another device to whoever wires it.
class OtherDevice final : public Backend {
 public:
  std::string_view name() const override { return "fake:0"; }
  Result<std::unique_ptr<Sink<PacketPtr>>> make_decoder(const DecoderSettings& settings,
                                                        Sink<FramePtr>& out) override {
    return cpu_->make_decoder(settings, out);
  }
  FrameStage make_normaliser(const Plan&, Sink<FramePtr>&) override { return FrameStage(nullptr); }
  std::unique_ptr<Sink<FramePtr>> make_scaler(const ScalerSettings& settings, Sink<FramePtr>& out) override {
    return cpu_->make_scaler(settings, out);
  }
  FrameStage make_video_encoder(const VideoEncoderSettings& settings, TrackSink<PacketPtr>& out) override {
    return cpu_->make_video_encoder(settings, out);
  }

 private:
  const std::unique_ptr<Backend> cpu_ = make_software_backend();
};

TEST_F(JoinedPicturesTest, OnADeviceTheChangeIsTheFiltersFailure) {
  const Plan plan = joined(128, 128);
  OtherDevice device;
  SegmentTally tally;
  DamageLog damage(false);
  CollectingSink sink;
  auto feed = PictureFeed::open(plan, 0, device, device, tally, damage, sink, {});
  ASSERT_TRUE(feed.ok()) << to_string(feed.status());
  Result<bool> more = true;
  while (more.ok() && *more) more = (*feed)->step();
  EXPECT_EQ(more.status().code(), Code::unsupported);
  EXPECT_EQ(blamed_stage(more.status()), Stage::filters);
  EXPECT_THAT(more.status().message(), HasSubstr("fake:0"));
  EXPECT_EQ(sink.frames.size(), 50U);
}

TEST_F(JoinedPicturesTest, StillsAreFittedToo) {
  PlannedStills stills;
  stills.at = {0.4, 2.4};
  stills.width = 96;
  stills.height = 64;
  const Plan plan = stills_plan(joined(128, 128).source, stills);
  RememberingObserver observer;
  const auto end = run_stills({plan, 0, folder_ / "out", {}}, observer, {});
  ASSERT_TRUE(end.ok()) << to_string(end.status());
  EXPECT_EQ(see(folder_ / "out/stills/0001.jpg").number(), 10);
  const SeenStill second = see(folder_ / "out/stills/0002.jpg");
  EXPECT_EQ(second.number_at(16, 0, 64, 64), 10);
  EXPECT_LT(second.grey_at(7, 32), 8);
  EXPECT_LT(second.grey_at(88, 32), 8);
}

}  // namespace
}  // namespace millrace::engine
