#include "engine/backend/software/scaler.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"
#include "tests/support/media_sample.h"

namespace millrace::engine {
namespace {

TEST(Scaler, PassesAPictureOfItsSizeUnchanged) {
  CollectingSink sink;
  Scaler scaler({16, 16, false}, sink);
  FramePtr frame = picture(7);
  const std::uint8_t* pixels = frame->data[0];
  ASSERT_TRUE(scaler.push(std::move(frame)).ok());
  ASSERT_TRUE(scaler.finish().ok());
  EXPECT_EQ(sink.frames.at(0)->data[0], pixels);
  EXPECT_TRUE(sink.finished);
}

TEST(Scaler, KeepsThePictureUpAndDownWithAnyColours) {
  for (const AVColorSpace matrix : {AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_BT709, AVCOL_SPC_SMPTE170M}) {
    for (const auto& [width, height] : {std::pair(32, 24), {64, 48}, {192, 144}}) {
      CollectingSink sink;
      Scaler scaler({width, height, false}, sink);
      FramePtr frame = picture(3003, 96, 64);
      frame->colorspace = matrix;
      test::draw_number(*frame, 0b10110010);
      ASSERT_TRUE(scaler.push(std::move(frame)).ok());
      ASSERT_TRUE(scaler.finish().ok());
      const AVFrame& scaled = *sink.frames.at(0);
      EXPECT_EQ(scaled.width, width);
      EXPECT_EQ(scaled.height, height);
      EXPECT_EQ(scaled.format, AV_PIX_FMT_YUV420P);
      EXPECT_EQ(scaled.pts, 3003);
      EXPECT_EQ(scaled.colorspace, matrix);
      EXPECT_EQ(test::number_in(scaled), 0b10110010);
    }
  }
}

TEST(Scaler, TakesOddPicturesAndOtherFormats) {
  for (const AVPixelFormat format :
       {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUVJ420P}) {
    CollectingSink sink;
    Scaler scaler({80, 60, false}, sink);
    FramePtr frame = make_frame();
    frame->format = format;
    frame->width = 161;
    frame->height = 121;
    ASSERT_GE(av_frame_get_buffer(frame.get(), 0), 0);
    frame->pts = 0;
    ASSERT_TRUE(scaler.push(std::move(frame)).ok()) << format;
    ASSERT_TRUE(scaler.finish().ok());
    EXPECT_EQ(sink.frames.at(0)->width, 80);
    EXPECT_EQ(sink.frames.at(0)->format, AV_PIX_FMT_YUV420P);
  }
}

TEST(Scaler, GivesTenBitsWhenAsked) {
  CollectingSink sink;
  Scaler scaler({48, 32, true}, sink);
  FramePtr frame = make_frame();
  frame->format = AV_PIX_FMT_YUV420P10LE;
  frame->width = 96;
  frame->height = 64;
  frame->color_trc = AVCOL_TRC_SMPTE2084;
  frame->colorspace = AVCOL_SPC_BT2020_NCL;
  frame->color_primaries = AVCOL_PRI_BT2020;
  ASSERT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? 64 : 32); ++y)
      for (int x = 0; x < frame->linesize[plane] / 2; ++x)
        reinterpret_cast<std::uint16_t*>(frame->data[plane] + y * frame->linesize[plane])[x] = 777;
  frame->pts = 0;
  ASSERT_TRUE(scaler.push(std::move(frame)).ok());
  ASSERT_TRUE(scaler.finish().ok());
  const AVFrame& scaled = *sink.frames.at(0);
  EXPECT_EQ(scaled.format, AV_PIX_FMT_YUV420P10LE);
  EXPECT_EQ(scaled.width, 48);
  EXPECT_EQ(reinterpret_cast<const std::uint16_t*>(scaled.data[0])[100], 777) << "no bit was lost";
  EXPECT_EQ(scaled.color_trc, AVCOL_TRC_SMPTE2084);
  EXPECT_EQ(scaled.color_primaries, AVCOL_PRI_BT2020);

  CollectingSink passed;
  Scaler fits({48, 32, true}, passed);
  ASSERT_TRUE(fits.push(std::move(sink.frames[0])).ok());
  EXPECT_EQ(passed.frames.at(0)->width, 48);
}

}  // namespace
}  // namespace millrace::engine
