#include "engine/pipeline/overlay_layer.h"

#include <gmock/gmock.h>

#include "tests/engine/pipeline/frames.h"
#include "tests/engine/pipeline/images.h"

namespace millrace::engine {
namespace {

using Anchor = Overlay::Anchor;

PlannedOverlay planned(Anchor anchor, double x, double y, double width, double height) {
  PlannedOverlay overlay;
  overlay.anchor = anchor;
  overlay.x = x;
  overlay.y = y;
  overlay.width = width;
  overlay.height = height;
  return overlay;
}

struct PlaceCase {
  const char* name;
  PlannedOverlay overlay;
  OverlayPlace expected;
};

// An image of 200x100 on a rendition of 640x360 of a picture of 1280x720.
class OverlayPlaceTest : public testing::TestWithParam<PlaceCase> {};

TEST_P(OverlayPlaceTest, IsWhereTheAnchorSays) {
  const OverlayPlace place = place_of(GetParam().overlay, {200, 100}, {640, 360}, {1280, 720});
  const OverlayPlace& expected = GetParam().expected;
  EXPECT_EQ(place.x, expected.x);
  EXPECT_EQ(place.y, expected.y);
  EXPECT_EQ(place.width, expected.width);
  EXPECT_EQ(place.height, expected.height);
}

INSTANTIATE_TEST_SUITE_P(
    Places, OverlayPlaceTest,
    testing::Values(
        PlaceCase{"own_pixels", planned(Anchor::top_left, 0, 0, 0, 0), {0, 0, 100, 50}},
        PlaceCase{"width", planned(Anchor::top_left, 0.05, 0.1, 0.25, 0), {32, 36, 160, 80}},
        PlaceCase{"height", planned(Anchor::top_left, 0, 0, 0, 0.5), {0, 0, 360, 180}},
        PlaceCase{"both", planned(Anchor::top_left, 0, 0, 0.5, 0.5), {0, 0, 320, 180}},
        PlaceCase{"right", planned(Anchor::right, 0.05, 0, 0.25, 0), {448, 140, 160, 80}},
        PlaceCase{"bottom_right", planned(Anchor::bottom_right, 0.05, 0.1, 0.25, 0), {448, 244, 160, 80}},
        PlaceCase{"centre", planned(Anchor::centre, 0.1, -0.1, 0.25, 0), {304, 104, 160, 80}},
        PlaceCase{"top", planned(Anchor::top, 0, 0.1, 0.25, 0), {240, 36, 160, 80}},
        PlaceCase{"bottom_left", planned(Anchor::bottom_left, 0.05, 0.1, 0.25, 0), {32, 244, 160, 80}},
        PlaceCase{"never_empty", planned(Anchor::top_left, 0, 0, 0.0001, 0), {0, 0, 1, 1}}),
    [](const auto& each) { return each.param.name; });

// A grey picture (128) in the given format, with the colours of HD unless told otherwise.
FramePtr grey(AVPixelFormat format, int width, int height, AVColorSpace matrix = AVCOL_SPC_BT709) {
  FramePtr frame = make_frame();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  frame->colorspace = matrix;
  frame->color_range = AVCOL_RANGE_MPEG;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? height : height / 2); ++y)
      for (int x = 0; x < (plane == 0 ? width : width / 2); ++x) {
        std::uint8_t* row = frame->data[plane] + y * frame->linesize[plane];
        if (format == AV_PIX_FMT_YUV420P10LE)
          reinterpret_cast<std::uint16_t*>(row)[x] = 512;
        else
          row[x] = 128;
      }
  return frame;
}

int sample(const AVFrame& frame, int plane, int x, int y) {
  const std::uint8_t* row = frame.data[plane] + y * frame.linesize[plane];
  return frame.format == AV_PIX_FMT_YUV420P10LE ? reinterpret_cast<const std::uint16_t*>(row)[x] : row[x];
}

void lay(AVFrame& frame, const PlannedOverlay& overlay, const AVFrame& image) {
  OverlayLayer(overlay, image, {frame.width, frame.height}, OverlayShape::of(frame)).lay(frame);
}

FramePtr plain(int width, int height, const Rgba& colour) {
  return rgba_frame(width, height, [&](int, int) { return colour; });
}

struct ColourCase {
  const char* name;
  AVPixelFormat format;
  AVColorSpace matrix;
  AVColorTransferCharacteristic transfer;
  Rgba colour;
  int y, u, v;
};

class OverlayColourTest : public testing::TestWithParam<ColourCase> {};

TEST_P(OverlayColourTest, CoversThePictureWithTheRightCodes) {
  const ColourCase& each = GetParam();
  FramePtr frame = grey(each.format, 16, 8, each.matrix);
  frame->color_trc = each.transfer;
  lay(*frame, planned(Anchor::top_left, 0, 0, 1, 1), *plain(16, 8, each.colour));
  for (const auto& [x, y] : {std::pair{0, 0}, {15, 7}, {8, 3}}) {
    EXPECT_EQ(sample(*frame, 0, x, y), each.y) << x;
    EXPECT_EQ(sample(*frame, 1, x / 2, y / 2), each.u) << x;
    EXPECT_EQ(sample(*frame, 2, x / 2, y / 2), each.v) << x;
  }
}

// ITU-R BT.709 §3, BT.601 §2.5, BT.2020 table 4 worked out by hand; HDR white by BT.2408 §2.2.
INSTANTIATE_TEST_SUITE_P(
    Colours, OverlayColourTest,
    testing::Values(
        ColourCase{
            "red709", AV_PIX_FMT_YUV420P, AVCOL_SPC_BT709, AVCOL_TRC_BT709, {255, 0, 0, 255}, 63, 102, 240},
        ColourCase{"red601",
                   AV_PIX_FMT_YUV420P,
                   AVCOL_SPC_SMPTE170M,
                   AVCOL_TRC_BT709,
                   {255, 0, 0, 255},
                   81,
                   90,
                   240},
        ColourCase{"blue709in10",
                   AV_PIX_FMT_YUV420P10LE,
                   AVCOL_SPC_BT709,
                   AVCOL_TRC_BT709,
                   {0, 0, 255, 255},
                   127,
                   960,
                   471},
        ColourCase{"white",
                   AV_PIX_FMT_YUV420P,
                   AVCOL_SPC_BT709,
                   AVCOL_TRC_BT709,
                   {255, 255, 255, 255},
                   235,
                   128,
                   128},
        ColourCase{
            "black", AV_PIX_FMT_YUV420P, AVCOL_SPC_BT709, AVCOL_TRC_BT709, {0, 0, 0, 255}, 16, 128, 128},
        ColourCase{"nothing",
                   AV_PIX_FMT_YUV420P,
                   AVCOL_SPC_BT709,
                   AVCOL_TRC_BT709,
                   {255, 255, 255, 0},
                   128,
                   128,
                   128},
        ColourCase{"whiteInPq",
                   AV_PIX_FMT_YUV420P10LE,
                   AVCOL_SPC_BT2020_NCL,
                   AVCOL_TRC_SMPTE2084,
                   {255, 255, 255, 255},
                   573,
                   512,
                   512},
        ColourCase{"whiteInHlg",
                   AV_PIX_FMT_YUV420P10LE,
                   AVCOL_SPC_BT2020_NCL,
                   AVCOL_TRC_ARIB_STD_B67,
                   {255, 255, 255, 255},
                   721,
                   512,
                   512}),
    [](const auto& each) { return each.param.name; });

TEST(OverlayLayer, LeavesEveryOtherSampleAlone) {
  FramePtr frame = grey(AV_PIX_FMT_YUV420P, 32, 16);
  // Luma (5..10, 3..6): odd on every side.
  lay(*frame, planned(Anchor::top_left, 5.0 / 32, 3.0 / 16, 6.0 / 32, 4.0 / 16),
      *plain(6, 4, {255, 0, 0, 255}));
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 32; ++x) {
      const bool inside = x >= 5 && x < 11 && y >= 3 && y < 7;
      EXPECT_EQ(sample(*frame, 0, x, y), inside ? 63 : 128) << x << "," << y;
    }
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 16; ++x) {
      // Chroma column c covers luma 2c-1..2c+1, row r luma 2r and 2r+1.
      const double across = x == 2 ? 0.25 : x == 3 || x == 4 ? 1 : x == 5 ? 0.75 : 0;
      const double down = y == 1 || y == 3 ? 0.5 : y == 2 ? 1 : 0;
      EXPECT_NEAR(sample(*frame, 2, x, y), 128 + across * down * 112, 0.51) << x << "," << y;
    }
}

TEST(OverlayLayer, MixesByAlphaAndOpacity) {
  FramePtr frame = grey(AV_PIX_FMT_YUV420P, 16, 16);
  PlannedOverlay overlay = planned(Anchor::top_left, 0, 0, 1, 1);
  overlay.opacity = 0.5;
  lay(*frame, overlay, *plain(16, 16, {255, 255, 255, 128}));
  EXPECT_EQ(sample(*frame, 0, 8, 8), 155) << "128 + (235 - 128) * 128/255 * 0.5 = 154.9";
  EXPECT_EQ(sample(*frame, 1, 4, 4), 128);
}

TEST(OverlayLayer, ColoursOfClearPixelsDoNotBleed) {
  // Black with hard edges on clear white, made four times as large and then half as large.
  const FramePtr image = rgba_frame(8, 8, [](int x, int) {
    return x < 4 ? Rgba{0, 0, 0, 255} : Rgba{255, 255, 255, 0};
  });
  for (const int side : {32, 4}) {
    FramePtr frame = grey(AV_PIX_FMT_YUV420P, side, side);
    lay(*frame, planned(Anchor::top_left, 0, 0, 1, 1), *image);
    for (int x = 0; x < side; ++x) EXPECT_LE(sample(*frame, 0, x, side / 2), 128) << side << " " << x;
    EXPECT_EQ(sample(*frame, 0, 0, side / 2), 16);
    EXPECT_EQ(sample(*frame, 0, side - 1, side / 2), 128);
  }
}

TEST(OverlayLayer, ScalesAsABicubicDoes) {
  // A ramp stays the same ramp at any size.
  const FramePtr image = rgba_frame(256, 4, [](int x, int) {
    return Rgba{std::uint8_t(x), std::uint8_t(x), std::uint8_t(x), 255};
  });
  for (const int width : {64, 512}) {
    FramePtr frame = grey(AV_PIX_FMT_YUV420P, width, 4);
    lay(*frame, planned(Anchor::top_left, 0, 0, 1, 1), *image);
    for (int x = 8; x < width - 8; ++x) {
      const double level = (x + 0.5) * 256 / width - 0.5;
      EXPECT_NEAR(sample(*frame, 0, x, 2), 16 + level * 219 / 255, 0.8) << width << " " << x;
    }
  }
}

TEST(OverlayLayer, OnlyThePartOnThePictureIsLaid) {
  for (const auto& [x, y] : {std::pair{-0.25, -0.25}, {0.75, 0.75}, {-2.0, 0.0}, {5.0, 5.0}}) {
    FramePtr frame = grey(AV_PIX_FMT_YUV420P, 16, 16);
    lay(*frame, planned(Anchor::top_left, x, y, 0.5, 0.5), *plain(8, 8, {255, 255, 255, 255}));
    EXPECT_EQ(sample(*frame, 0, 1, 1), x == -0.25 ? 235 : 128);
    EXPECT_EQ(sample(*frame, 0, 15, 15), x == 0.75 ? 235 : 128);
    EXPECT_EQ(sample(*frame, 0, 8, 8), 128);
  }
}

TEST(OverlayLayer, AnImageFarLargerThanThePictureCostsNoMore) {
  FramePtr frame = grey(AV_PIX_FMT_YUV420P, 16, 16);
  lay(*frame, planned(Anchor::centre, 0, 0, 2000, 2000), *plain(8, 8, {255, 255, 255, 255}));
  EXPECT_EQ(sample(*frame, 0, 8, 8), 235);
}

}  // namespace
}  // namespace millrace::engine
