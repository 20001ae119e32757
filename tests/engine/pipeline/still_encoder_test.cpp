#include "engine/pipeline/still_encoder.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

FramePtr still_picture(StillFormat format) {
  FramePtr frame = make_frame();
  frame->format = format == StillFormat::png ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUV420P;
  frame->color_range = format == StillFormat::webp ? AVCOL_RANGE_MPEG : AVCOL_RANGE_JPEG;
  frame->width = 32;
  frame->height = 18;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int plane = 0; plane < 3; ++plane) {
    if (frame->data[plane] == nullptr) continue;
    for (int y = 0; y < (plane == 0 ? 18 : 9); ++y)
      for (int x = 0; x < frame->linesize[plane]; ++x)
        frame->data[plane][y * frame->linesize[plane] + x] = static_cast<std::uint8_t>(x * 7 + y * 3);
  }
  return frame;
}

class StillEncoderTest : public testing::TestWithParam<StillFormat> {};

TEST_P(StillEncoderTest, MakesWholeFiles) {
  const auto bytes = encode_still(*still_picture(GetParam()), GetParam());
  ASSERT_TRUE(bytes.ok()) << to_string(bytes.status());
  EXPECT_TRUE(check_still(*bytes, GetParam(), 32, 18).ok());
}

TEST_P(StillEncoderTest, TheCheckSeesAFileThatIsCutShort) {
  const auto bytes = encode_still(*still_picture(GetParam()), GetParam());
  ASSERT_TRUE(bytes.ok());
  const Status status = check_still(bytes->substr(0, bytes->size() * 2 / 3), GetParam(), 32, 18);
  EXPECT_EQ(status.code(), Code::internal);
}

TEST_P(StillEncoderTest, TheCheckSeesAnotherSize) {
  const auto bytes = encode_still(*still_picture(GetParam()), GetParam());
  ASSERT_TRUE(bytes.ok());
  EXPECT_THAT(check_still(*bytes, GetParam(), 32, 20).message(), testing::HasSubstr("is 32x18, not 32x20"));
}

INSTANTIATE_TEST_SUITE_P(Formats, StillEncoderTest,
                         testing::Values(StillFormat::jpg, StillFormat::png, StillFormat::webp),
                         [](const auto& format) { return std::string(name_of(format.param)); });

TEST(StillEncoder, JpegOpensAsJpegDoes) {
  const auto bytes = encode_still(*still_picture(StillFormat::jpg), StillFormat::jpg);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(bytes->substr(0, 3), "\xFF\xD8\xFF");
  EXPECT_EQ(bytes->substr(6, 4), "JFIF");
}

TEST(StillEncoder, NothingIsNoStill) { EXPECT_FALSE(check_still("", StillFormat::png, 1, 1).ok()); }

}  // namespace
}  // namespace millrace::engine
