#include "engine/pipeline/overlay_image.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"
#include "tests/engine/pipeline/images.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using testing::HasSubstr;

class OverlayImageTest : public testing::Test {
 protected:
  Status refusal(const std::filesystem::path& file) {
    const auto image = OverlayImage::load(file);
    EXPECT_FALSE(image.ok());
    EXPECT_THAT(image.status().message(), HasSubstr(file.filename().native()));
    return image.status();
  }
  std::string png() {
    write_png(folder_ / "small.png", 8, 6, Rgba{10, 20, 30, 40});
    return read_file(folder_ / "small.png").value();
  }
  void write(const char* name, const std::string& bytes) {
    ASSERT_TRUE(write_file(folder_ / name, bytes).ok());
  }

  const test::TempFolder folder_;
};

TEST_F(OverlayImageTest, ReadsAPngAsItIs) {
  write_png(folder_ / "a.png", 5, 3, [](int x, int y) {
    return Rgba{std::uint8_t(x), std::uint8_t(y), 200, std::uint8_t(50 * x)};
  });
  const auto image = OverlayImage::load("file://" + (folder_ / "a.png").native());
  ASSERT_TRUE(image.ok()) << to_string(image.status());
  ASSERT_EQ(image->width(), 5);
  ASSERT_EQ(image->height(), 3);
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 5; ++x) {
      const std::uint8_t* pixel = image->rgba->data[0] + y * image->rgba->linesize[0] + 4 * x;
      EXPECT_EQ((Rgba{pixel[0], pixel[1], pixel[2], pixel[3]}),
                (Rgba{std::uint8_t(x), std::uint8_t(y), 200, std::uint8_t(50 * x)}));
    }
}

TEST_F(OverlayImageTest, ReadsAJpegWhateverItsName) {
  FramePtr grey = picture(0, 16, 16);
  grey->format = AV_PIX_FMT_YUVJ420P;
  write("a.png", coded_image(*grey, AV_CODEC_ID_MJPEG));
  const auto image = OverlayImage::load(folder_ / "a.png");
  ASSERT_TRUE(image.ok()) << to_string(image.status());
  const std::uint8_t* pixel = image->rgba->data[0];
  EXPECT_NEAR(pixel[0], 128, 2) << "full range";
  EXPECT_EQ(pixel[3], 255);
}

// EXIF 2.3 §4.6.4 A: 6 is "turn it clockwise by a quarter", 2 is mirrored.
TEST_F(OverlayImageTest, TurnsAJpegUprightByItsExifOrientation) {
  const std::string jpeg = left_half_white_jpeg(32, 16);
  write("plain.jpg", jpeg);
  write("turned.jpg", with_exif_orientation(jpeg, 6));
  write("mirrored.jpg", with_exif_orientation(jpeg, 2));
  const auto plain = OverlayImage::load(folder_ / "plain.jpg");
  const auto turned = OverlayImage::load(folder_ / "turned.jpg");
  const auto mirrored = OverlayImage::load(folder_ / "mirrored.jpg");
  ASSERT_TRUE(plain.ok() && turned.ok() && mirrored.ok()) << to_string(turned.status());
  const auto red = [](const OverlayImage& image, int x, int y) {
    return int{image.rgba->data[0][y * image.rgba->linesize[0] + 4 * x]};
  };
  EXPECT_EQ(plain->width(), 32);
  EXPECT_GT(red(*plain, 4, 8), 200);
  ASSERT_EQ(turned->width(), 16);
  ASSERT_EQ(turned->height(), 32);
  EXPECT_GT(red(*turned, 8, 4), 200) << "what was left is above now";
  EXPECT_LT(red(*turned, 8, 28), 50);
  EXPECT_LT(red(*mirrored, 4, 8), 50);
  EXPECT_GT(red(*mirrored, 28, 8), 200);
}

TEST_F(OverlayImageTest, RefusesABombByItsHeader) {
  for (const char* size : {"\xff\xff\xff\xff", "\x00\x00\xff\xff", "\x00\x00\x20\x01"}) {
    std::string bytes = png();
    bytes.replace(16, 4, size, 4);
    bytes.replace(20, 4, size, 4);
    write("bomb.png", bytes);
    const Status status = refusal(folder_ / "bomb.png");
    EXPECT_EQ(status.code(), Code::unsupported) << to_string(status);
    EXPECT_THAT(status.message(), HasSubstr("64 megapixels"));
  }
}

TEST_F(OverlayImageTest, RefusesAJpegOf65535Squared) {
  FramePtr grey = picture(0, 16, 16);
  grey->format = AV_PIX_FMT_YUVJ420P;
  std::string bytes = coded_image(*grey, AV_CODEC_ID_MJPEG);
  const auto header = bytes.find("\xff\xc0");
  ASSERT_NE(header, std::string::npos);
  bytes.replace(header + 5, 4, "\xff\xff\xff\xff");
  write("a.jpg", bytes);
  EXPECT_THAT(refusal(folder_ / "a.jpg").message(), HasSubstr("64 megapixels"));
}

TEST_F(OverlayImageTest, LeavesOutWhatIsNotThePicture) {
  const std::string bytes = png();
  // A text chunk whose compressed part is nonsense, and one that says it is larger than the file.
  const std::string text("\0\0\0\x05zTXta\0\0??\0\0\0\0", 17);
  write("text.png", bytes.substr(0, 33) + text + bytes.substr(33));
  EXPECT_TRUE(OverlayImage::load(folder_ / "text.png").ok());
  const std::string huge("\x7f\xff\xff\xffzTXta\0\0??\0\0\0\0", 17);
  write("huge.png", bytes.substr(0, 33) + huge + bytes.substr(33));
  EXPECT_EQ(refusal(folder_ / "huge.png").code(), Code::corrupt_input);
}

TEST_F(OverlayImageTest, SaysWhatIsNoWholeImage) {
  const std::string bytes = png();
  write("cut.png", bytes.substr(0, bytes.size() - 20));
  EXPECT_EQ(refusal(folder_ / "cut.png").code(), Code::corrupt_input);
  std::string flipped = bytes;
  flipped[bytes.find("IDAT") + 8] = static_cast<char>(flipped[bytes.find("IDAT") + 8] ^ 0x55);
  write("flipped.png", flipped);
  EXPECT_EQ(refusal(folder_ / "flipped.png").code(), Code::corrupt_input);
  write("text.png", "a letter, not an image");
  EXPECT_EQ(refusal(folder_ / "text.png").code(), Code::unsupported);
  write("empty.png", "");
  EXPECT_EQ(refusal(folder_ / "empty.png").code(), Code::unsupported);
  EXPECT_EQ(refusal(folder_ / "none.png").code(), Code::not_found);
  EXPECT_EQ(OverlayImage::load("/dev/zero").status().code(), Code::invalid_argument);
}

TEST_F(OverlayImageTest, ReadsRealImages) {
  for (const char* name : {"images/watermark_logo_alpha_128.png", "images/slide_elva_large.jpg"}) {
    const auto file = test::real_clip(name);
    if (!file) GTEST_SKIP() << "MILLRACE_MEDIA has no " << name;
    const auto image = OverlayImage::load(*file);
    EXPECT_TRUE(image.ok()) << to_string(image.status());
  }
}

}  // namespace
}  // namespace millrace::engine
