#include "engine/pipeline/track_facts.h"

#include <gtest/gtest.h>

extern "C" {
#include <libavutil/display.h>
}

namespace millrace::engine {
namespace {

Orientation of(int clockwise, bool flip_before) {
  std::int32_t matrix[9];
  av_display_rotation_set(matrix, clockwise);
  if (flip_before) av_display_matrix_flip(matrix, 1, 0);
  return orientation_of(matrix);
}

TEST(Orientation, IsTheClockwiseTurn) {
  for (const int degrees : {0, 90, 180, 270}) {
    EXPECT_EQ(of(degrees, false).rotation_degrees, degrees);
    EXPECT_FALSE(of(degrees, false).mirrored);
  }
}

TEST(Orientation, KnowsAMirror) {
  EXPECT_TRUE(of(0, true).mirrored);
  EXPECT_EQ(of(0, true).rotation_degrees, 0);
}

TEST(Orientation, IsUprightForNothingAndForGarbage) {
  EXPECT_EQ(orientation_of(nullptr).rotation_degrees, 0);
  const std::int32_t zeros[9] = {};
  EXPECT_EQ(orientation_of(zeros).rotation_degrees, 0);
}

}  // namespace
}  // namespace millrace::engine
