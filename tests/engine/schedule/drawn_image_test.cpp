// The canary's image, as overlays are read.
#include "engine/schedule/drawn_image.h"

#include <gtest/gtest.h>

#include "engine/pipeline/overlay_image.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

TEST(DrawnImage, IsADiscThatFadesIntoNothing) {
  const test::TempFolder folder;
  ASSERT_TRUE(write_disc(folder.path() / "disc.bmp", 120).ok());
  const auto image = OverlayImage::load((folder.path() / "disc.bmp").native());
  ASSERT_TRUE(image.ok()) << to_string(image.status());
  ASSERT_EQ(image->width(), 120);
  ASSERT_EQ(image->height(), 120);
  const auto alpha = [&](int x, int y) {
    return image->rgba->data[0][y * image->rgba->linesize[0] + 4 * x + 3];
  };
  EXPECT_EQ(alpha(0, 0), 0);
  EXPECT_EQ(alpha(60, 60), 255);
  EXPECT_GT(alpha(3, 60), 0);
  EXPECT_LT(alpha(3, 60), 255);
}

}  // namespace
}  // namespace millrace::engine
