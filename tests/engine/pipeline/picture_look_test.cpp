#include "engine/pipeline/picture_look.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"
#include "tests/support/media_sample.h"

namespace millrace::engine {
namespace {

using testing::HasSubstr;

constexpr int kWidth = 160;
constexpr int kHeight = 576;  // as interlaced video may have

VideoTrack track_of(int width, int height, const Rational& rate) {
  VideoTrack track;
  track.width = width;
  track.height = height;
  track.frame_rate = rate;
  track.pixel_format = "yuv420p";
  return track;
}

enum class Shows { two_fields, whole_pictures, pulldown, nothing };

FramePtr moving(int number, Shows shows, int height = kHeight) {
  FramePtr frame = picture(number, kWidth, height);
  if (shows == Shows::two_fields) test::draw_fields(*frame, 2 * number, 2 * number + 1);
  if (shows == Shows::whole_pictures) test::draw_fields(*frame, 2 * number, 2 * number);
  if (shows == Shows::pulldown) {
    // Film pictures A B C D become AA BB BC CD DD.
    constexpr int kTop[] = {0, 1, 1, 2, 3};
    constexpr int kBottom[] = {0, 1, 2, 3, 3};
    test::draw_fields(*frame, number / 5 * 4 + kTop[number % 5], number / 5 * 4 + kBottom[number % 5]);
  }
  return frame;
}

VideoTrack looked_at(VideoTrack track, Shows shows, int* seen = nullptr) {
  PictureLook look(track);
  int number = 0;
  for (; !look.enough() && number < 500; ++number)
    EXPECT_TRUE(look.push(moving(number, shows, track.height)).ok());
  look.tell(track);
  if (seen != nullptr) *seen = number;
  return track;
}

TEST(PictureLook, SeesFieldsThatNothingSpeaksOf) {
  const VideoTrack track = looked_at(track_of(kWidth, kHeight, {25, 1}), Shows::two_fields);
  EXPECT_TRUE(track.interlaced);
  EXPECT_TRUE(track.top_field_first);
  EXPECT_THAT(track.scan_note, HasSubstr("marked progressive"));
}

TEST(PictureLook, LeavesWholePicturesAlone) {
  const VideoTrack track = looked_at(track_of(kWidth, kHeight, {25, 1}), Shows::whole_pictures);
  EXPECT_FALSE(track.interlaced);
  EXPECT_EQ(track.scan_note, "");
}

TEST(PictureLook, LeavesPulldownAloneAndSaysSo) {
  const VideoTrack track = looked_at(track_of(kWidth, kHeight, {30, 1}), Shows::pulldown);
  EXPECT_FALSE(track.interlaced);
  EXPECT_THAT(track.scan_note, HasSubstr("telecine"));
}

TEST(PictureLook, SeesFieldsOnlyAtHeightsThatInterlacedVideoHas) {
  for (const int height : {480, 486, 512, 576, 608, 1080, 1088})
    EXPECT_TRUE(looked_at(track_of(kWidth, height, {25, 1}), Shows::two_fields).interlaced) << height;
  for (const int height : {240, 288, 360, 400, 482, 540, 574, 578, 720, 1078}) {
    const VideoTrack track = looked_at(track_of(kWidth, height, {25, 1}), Shows::two_fields);
    EXPECT_FALSE(track.interlaced) << height;
    EXPECT_EQ(track.scan_note, "") << height;
  }
}

TEST(PictureLook, BelievesAContainerThatSaysInterlacedAtAnyHeight) {
  for (const int height : {288, 360, 576, 720}) {
    VideoTrack track = track_of(kWidth, height, {25, 1});
    track.interlaced = true;
    const VideoTrack looked = looked_at(track, Shows::two_fields);
    EXPECT_TRUE(looked.interlaced) << height;
    EXPECT_THAT(looked.scan_note, HasSubstr("marked progressive")) << height;
  }
}

TEST(PictureLook, SeesPulldownAtAnyHeight) {
  for (const int height : {360, 720})
    EXPECT_THAT(looked_at(track_of(kWidth, height, {30, 1}), Shows::pulldown).scan_note,
                HasSubstr("telecine"))
        << height;
}

TEST(PictureLook, ABeginningOfWholePicturesDoesNotOverruleTheContainer) {
  VideoTrack track = track_of(kWidth, kHeight, {30, 1});
  track.interlaced = true;
  for (const Shows shows : {Shows::whole_pictures, Shows::nothing, Shows::pulldown}) {
    const VideoTrack looked = looked_at(track, shows);
    EXPECT_TRUE(looked.interlaced);
    EXPECT_EQ(looked.scan_note, "") << "a note would have its marks thought wrong";
  }
}

// Pictures of which those from `from` on are marked, each `every`-th.
VideoTrack looked_at_marks(VideoTrack track, Shows leader, int from, int every) {
  PictureLook look(track);
  for (int number = 0; !look.enough() && number < 500; ++number) {
    FramePtr frame = moving(number, number < from ? leader : Shows::two_fields, track.height);
    if (number >= from && (number - from) % every == 0) mark_interlaced(*frame);
    EXPECT_TRUE(look.push(std::move(frame)).ok());
  }
  look.tell(track);
  return track;
}

TEST(PictureLook, ALeaderOfWholePicturesDoesNotHideTheMarksAfterIt) {
  for (const Shows leader : {Shows::nothing, Shows::whole_pictures}) {
    const VideoTrack track =
        looked_at_marks(track_of(kWidth, kHeight, {25, 1}), leader, leader == Shows::nothing ? 100 : 12, 1);
    EXPECT_TRUE(track.interlaced);
    EXPECT_FALSE(track.top_field_first);
    EXPECT_EQ(track.scan_note, "");
  }
  EXPECT_FALSE(looked_at_marks(track_of(kWidth, kHeight, {25, 1}), Shows::nothing, 20, 6).interlaced)
      << "one stray mark";
}

// Fields and frames taking turns, as PAFF does.
TEST(PictureLook, BelievesFramesThatSayTheyAreInterlaced) {
  const VideoTrack track = looked_at_marks(track_of(kWidth, kHeight, {25, 1}), Shows::nothing, 0, 2);
  EXPECT_TRUE(track.interlaced);
  EXPECT_FALSE(track.top_field_first);
  EXPECT_EQ(track.scan_note, "");
}

TEST(PictureLook, BelievesMarksAtAnyHeightAndRate) {
  EXPECT_TRUE(looked_at_marks(track_of(kWidth, 360, {25, 1}), Shows::nothing, 0, 1).interlaced);
  EXPECT_TRUE(looked_at_marks(track_of(kWidth, 720, {50, 1}), Shows::nothing, 0, 1).interlaced);
  EXPECT_TRUE(looked_at_marks(track_of(kWidth, 2160, {25, 1}), Shows::nothing, 0, 2).interlaced);
}

TEST(PictureLook, LooksNoFurtherThanNeeded) {
  int seen = 0;
  looked_at(track_of(kWidth, kHeight, {25, 1}), Shows::two_fields, &seen);
  EXPECT_LT(seen, 60);
  looked_at(track_of(kWidth, kHeight, {25, 1}), Shows::whole_pictures, &seen);
  EXPECT_LT(seen, 20) << "not one of them holds two fields";
  looked_at(track_of(kWidth, kHeight, {25, 1}), Shows::nothing, &seen);
  EXPECT_EQ(seen, 120);
  // No interlaced video is of this kind.
  looked_at(track_of(3840, 2160, {25, 1}), Shows::two_fields, &seen);
  EXPECT_EQ(seen, 6);
  looked_at(track_of(kWidth, kHeight, {50, 1}), Shows::two_fields, &seen);
  EXPECT_EQ(seen, 6);
}

TEST(PictureLook, FindsCaptions) {
  VideoTrack track = track_of(64, 64, {25, 1});
  PictureLook look(track);
  for (int number = 0; !look.enough(); ++number) {
    FramePtr frame = picture(number, 64, 64);
    if (number == 3) {
      ASSERT_NE(av_frame_new_side_data(frame.get(), AV_FRAME_DATA_A53_CC, 3), nullptr);
    }
    ASSERT_TRUE(look.push(std::move(frame)).ok());
  }
  look.tell(track);
  EXPECT_TRUE(track.closed_captions);
}

}  // namespace
}  // namespace millrace::engine
