#include "engine/plan/picture_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/plan/normalise.h"
#include "tests/engine/plan/run_filter.h"
#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

VideoTrack track(int width, int height) {
  VideoTrack track = test::full_hd_track();
  track.width = width;
  track.height = height;
  return track;
}
void pq(VideoTrack& track) {
  track.pixel_format = "yuv420p10le";
  track.bits_per_component = 10;
  track.color_matrix = "bt2020nc";
  track.color_primaries = "bt2020";
  track.color_transfer = "smpte2084";
}

TEST(PictureFit, AShapeIsSizePixelsFormatAndColours) {
  const VideoTrack planned = track(640, 360);
  EXPECT_TRUE(is_same_shape(planned, planned));
  const std::vector<std::function<void(VideoTrack&)>> changes = {
      [](VideoTrack& now) { now.width = 642; },
      [](VideoTrack& now) { now.height = 362; },
      [](VideoTrack& now) {
        now.sample_aspect = {4, 3};
      },
      [](VideoTrack& now) { now.pixel_format = "yuv422p"; },
      [](VideoTrack& now) { now.color_range = "pc"; },
      [](VideoTrack& now) { now.color_matrix = "smpte170m"; },
      [](VideoTrack& now) { now.color_primaries = "bt2020"; },
      [](VideoTrack& now) { now.color_transfer = "smpte2084"; }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    VideoTrack now = planned;
    changes[i](now);
    EXPECT_FALSE(is_same_shape(planned, now)) << i;
  }
}

TEST(PictureFit, WhatIsNotSaidIsNoChange) {
  const VideoTrack planned = track(640, 360);
  VideoTrack now = planned;
  now.color_range = now.color_matrix = now.color_primaries = now.color_transfer = "unknown";
  EXPECT_TRUE(is_same_shape(planned, now));
  EXPECT_TRUE(is_same_shape(now, now));
  VideoTrack square = planned;
  square.sample_aspect = {};
  EXPECT_TRUE(is_same_shape(planned, square));
  // A silent source of this size is taken as BT.601, and was planned so.
  VideoTrack said = now;
  said.color_matrix = "bt709";
  EXPECT_FALSE(is_same_shape(now, said));
  said.color_matrix = "smpte170m";
  EXPECT_TRUE(is_same_shape(now, said));
}

TEST(PictureFit, EveryShapeBecomesThePlannedOne) {
  const std::vector<std::function<void(VideoTrack&)>> shapes = {
      [](VideoTrack&) {},
      [](VideoTrack& now) { now.width = 961, now.height = 541; },
      [](VideoTrack& now) { now.width = 360, now.height = 640; },
      [](VideoTrack& now) { now.width = 2, now.height = 2; },
      [](VideoTrack& now) {
        now.width = 720, now.height = 576, now.sample_aspect = {16, 15};
      },
      [](VideoTrack& now) { now.pixel_format = "yuv444p"; },
      [](VideoTrack& now) { now.pixel_format = "yuvj420p", now.color_range = "pc"; },
      [](VideoTrack& now) { now.pixel_format = "rgba", now.has_alpha = true, now.color_matrix = "gbr"; },
      [](VideoTrack& now) { now.color_matrix = now.color_primaries = now.color_transfer = "unknown"; },
      [](VideoTrack& now) { now.color_matrix = now.color_primaries = "bt470bg"; },
      [](VideoTrack& now) { now.width = 1920, now.height = 1080, pq(now); },
      [](VideoTrack& now) { now.width = 64, now.height = 36, now.color_transfer = "arib-std-b67"; }};
  std::vector<VideoTrack> plans = {track(640, 360), track(641, 361), track(720, 480), track(640, 360)};
  plans[2].sample_aspect = {8, 9};
  plans[2].color_matrix = plans[2].color_primaries = plans[2].color_transfer = "smpte170m";
  pq(plans[3]);
  for (const VideoTrack& planned : plans)
    for (std::size_t i = 0; i < shapes.size(); ++i)
      for (const bool keep_hdr : {false, true}) {
        VideoTrack now = planned;
        shapes[i](now);
        const NormalisedPicture wanted = normalise(planned, keep_hdr).value();
        const bool hdr = keep_hdr && planned.color_transfer == "smpte2084";
        const std::string chain = fitting_filter(planned, now, keep_hdr);
        const test::FilteredFrame out = test::run_filter(chain, now);
        const std::string what = chain + " for shape " + std::to_string(i);
        ASSERT_EQ(out.error, "") << what;
        EXPECT_EQ(out.frames, 1) << what;
        EXPECT_EQ(out.width, wanted.size.width) << what;
        EXPECT_EQ(out.height, wanted.size.height) << what;
        EXPECT_EQ(out.pixel_format, hdr ? "yuv420p10le" : "yuv420p") << what;
        EXPECT_EQ(out.sample_aspect, (Rational{1, 1})) << what;
        EXPECT_EQ(out.color_range, "tv") << what;
        EXPECT_EQ(out.color_matrix, wanted.colours.matrix) << what;
        EXPECT_EQ(out.color_primaries, wanted.colours.primaries) << what;
        EXPECT_EQ(out.color_transfer, wanted.colours.transfer) << what;
      }
}

// Black at a place that the picture does not cover, else what the picture holds.
TEST(PictureFit, AnotherAspectStandsOnBlack) {
  const VideoTrack planned = track(640, 360);
  const auto corner = [&](VideoTrack now) {
    return test::run_filter(fitting_filter(planned, now, false), now, 200).first_luma;
  };
  EXPECT_EQ(corner(track(480, 360)), 16);
  EXPECT_EQ(corner(track(360, 640)), 16);
  EXPECT_EQ(corner(track(1280, 360)), 16);
  EXPECT_EQ(corner(track(1280, 720)), 200);
  EXPECT_EQ(corner(track(320, 180)), 200);
  VideoTrack anamorphic = track(480, 360);
  anamorphic.sample_aspect = {4, 3};
  EXPECT_EQ(corner(anamorphic), 200);
}

TEST(PictureFit, TheShapeOfPixelsCountsNotTheirNumber) {
  const VideoTrack planned = track(640, 360);
  EXPECT_THAT(fitting_filter(planned, track(480, 360), false), Not(HasSubstr("zscale")));
  EXPECT_THAT(fitting_filter(planned, track(1440, 1080), false), HasSubstr("zscale=w=480:h=360"));
  EXPECT_THAT(fitting_filter(planned, track(360, 640), false), HasSubstr("zscale=w=202:h=360"));
  EXPECT_THAT(fitting_filter(planned, track(1920, 800), false), HasSubstr("zscale=w=640:h=266"));
}

TEST(PictureFit, TurnsWhatThePlanTurnsAndDeinterlacesWhatIsMarked) {
  VideoTrack planned = track(640, 360);
  planned.rotation_degrees = 90;
  VideoTrack now = planned;
  now.width = 320;
  now.height = 180;
  const std::string chain = fitting_filter(planned, now, false);
  EXPECT_THAT(chain, HasSubstr("transpose=clock"));
  EXPECT_THAT(chain, HasSubstr("bwdif=mode=send_frame:deint=interlaced"));
  EXPECT_THAT(chain, HasSubstr("zscale=w=360:h=640"));
  EXPECT_THAT(chain, Not(HasSubstr("pad=")));
  now.pixel_format = "rgb24";
  EXPECT_THAT(fitting_filter(planned, now, false), Not(HasSubstr("bwdif")));
}

TEST(PictureFit, WithoutASizeThereIsNothingToFit) {
  EXPECT_EQ(fitting_filter(track(640, 360), track(0, 0), false), "");
  EXPECT_EQ(fitting_filter(track(0, 0), track(640, 360), false), "");
}

}  // namespace
}  // namespace millrace::engine
