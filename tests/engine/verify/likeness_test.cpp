#include "engine/verify/likeness.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "engine/base/file.h"
#include "engine/pipeline/av.h"
#include "engine/plan/segment.h"
#include "engine/verify/frame_likeness.h"
#include "tests/engine/package/cmaf_files.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

// 4x4 pixels of one colour.
FramePtr picture(int luma, int cb, int cr) {
  FramePtr frame = make_frame();
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = frame->height = 4;
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  const std::array<int, 3> levels{luma, cb, cr};
  for (std::size_t plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? 4 : 2); ++y)
      std::fill_n(frame->data[plane] + y * frame->linesize[plane], plane == 0 ? 4 : 2,
                  static_cast<std::uint8_t>(levels[plane]));
  return frame;
}

TEST(FrameLikeness, IsThatOfThePlaneThatDiffersMost) {
  const FramePtr one = picture(100, 60, 200);
  EXPECT_EQ(*least_decibels(*one, *one), kSameDecibels);
  // 10 log10(255^2 / 100)
  for (const auto& other : {picture(110, 60, 200), picture(100, 70, 200), picture(100, 60, 190)})
    EXPECT_NEAR(*least_decibels(*one, *other), 28.131, 0.001);
  EXPECT_LT(*least_decibels(*one, *picture(100, 200, 60)), 6) << "Cb and Cr in each other's place";
  const FramePtr corner = picture(100, 60, 200);
  corner->data[2][corner->linesize[2] + 1] = 210;  // 25 on the mean
  EXPECT_NEAR(*least_decibels(*one, *corner), 34.151, 0.001);
  const FramePtr grey = picture(100, 60, 200);
  grey->format = AV_PIX_FMT_GRAY8;
  EXPECT_EQ(least_decibels(*one, *grey).status().code(), Code::internal);
}

TEST(FrameLikeness, OfTenBitsIsMeasuredAgainstTheirPeak) {
  const auto deep = [](int code) {
    FramePtr frame = make_frame();
    frame->format = AV_PIX_FMT_YUV420P10LE;
    frame->width = frame->height = 4;
    EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
    for (std::size_t plane = 0; plane < 3; ++plane)
      for (int y = 0; y < (plane == 0 ? 4 : 2); ++y)
        std::fill_n(reinterpret_cast<std::uint16_t*>(frame->data[plane] + y * frame->linesize[plane]),
                    plane == 0 ? 4 : 2, static_cast<std::uint16_t>(code));
    return frame;
  };
  EXPECT_EQ(*least_decibels(*deep(700), *deep(700)), kSameDecibels);
  // 10 log10(1023^2 / 1600)
  EXPECT_NEAR(*least_decibels(*deep(700), *deep(740)), 28.156, 0.001);
  EXPECT_EQ(least_decibels(*deep(700), *picture(100, 60, 200)).status().code(), Code::internal);
}

class LikenessTest : public testing::Test {
 protected:
  static test::CmafFiles coded(const test::PictureTrack& pictures) {
    return test::cmaf_files(test::coded_pictures(pictures));
  }
  // Its first segments; all of them where nothing is said.
  std::filesystem::path track(const std::string& name, const test::CmafFiles& files, std::size_t most = 100) {
    EXPECT_TRUE(make_directories(folder_ / name).ok());
    EXPECT_TRUE(write_file(folder_ / name / "init.mp4", files.init).ok());
    for (std::size_t i = 0; i < std::min(most, files.segments.size()); ++i)
      EXPECT_TRUE(
          write_file(folder_ / name / segment_file_name(static_cast<std::int64_t>(i)), files.segments[i])
              .ok());
    return folder_ / name;
  }
  const test::PictureTrack small_{64, 36, 12, 3003, 6, 2};
  const test::CmafFiles coded_ = coded(small_);  // once: x264 does not always code the same twice
  test::TempFolder folder_;
};

TEST_F(LikenessTest, ATrackIsLikeItself) {
  const auto one = track("one", coded_);
  const auto likeness = compare_pictures(one, one, {});
  ASSERT_TRUE(likeness.ok()) << to_string(likeness.status());
  EXPECT_EQ(*likeness, (Likeness{12, 12, kSameDecibels, 0}));
}

TEST_F(LikenessTest, CodedOtherwiseItIsNearAndAPictureOfBeforeIsFar) {
  test::PictureTrack plain = small_;
  plain.b_frames = 0;
  const auto one = track("one", coded_);
  const auto near = compare_pictures(track("plain", coded(plain)), one, {});
  ASSERT_TRUE(near.ok()) << to_string(near.status());
  EXPECT_LT(near->least_decibels, kSameDecibels);
  // The second segment's pictures in the place of the first one's.
  const auto late = track("late", coded_);
  ASSERT_TRUE(write_file(late / segment_file_name(0), *read_file(late / segment_file_name(1))).ok());
  const auto far = compare_pictures(late, one, {});
  ASSERT_TRUE(far.ok()) << to_string(far.status());
  EXPECT_LT(far->least_decibels, near->least_decibels - 5);
  EXPECT_LT(far->worst_picture, 6);
}

TEST_F(LikenessTest, PicturesThatAreMissingAreCounted) {
  const auto likeness = compare_pictures(track("short", coded_, 1), track("one", coded_), {});
  ASSERT_TRUE(likeness.ok()) << to_string(likeness.status());
  EXPECT_EQ(*likeness, (Likeness{6, 12, kSameDecibels, 0}));
  const auto none = compare_pictures(track("none", coded_, 0), track("one", coded_), {});
  ASSERT_TRUE(none.ok()) << to_string(none.status());
  EXPECT_EQ(*none, (Likeness{0, 12, 0, 0}));
}

TEST_F(LikenessTest, WhatCannotBeComparedSaysWhy) {
  test::PictureTrack large = small_;
  large.height = 48;
  const auto one = track("one", coded_);
  const Status other_size = compare_pictures(track("large", coded(large)), one, {}).status();
  EXPECT_EQ(other_size.code(), Code::internal);
  EXPECT_THAT(other_size.message(), HasSubstr("its pictures are 64x48, and should be 64x36"));
  const auto broken = track("broken", coded_);
  ASSERT_TRUE(write_file(broken / segment_file_name(1), "no segment").ok());
  EXPECT_EQ(compare_pictures(broken, one, {}).status().code(), Code::internal);
  EXPECT_EQ(compare_pictures(folder_ / "nothing", one, {}).status().code(), Code::not_found);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(compare_pictures(one, one, stop.get_token()).status().code(), Code::cancelled);
}

}  // namespace
}  // namespace millrace::engine
