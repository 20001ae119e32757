#include "engine/pipeline/overlay_layer.h"

#include <algorithm>
#include <cmath>

namespace millrace::engine {
namespace {

using overlay::Blend;
using overlay::Pixel;
using Anchor = Overlay::Anchor;

enum class Side { near, middle, far };

Side across(Anchor anchor) {
  if (is_middle_across(anchor)) return Side::middle;
  const bool right = anchor == Anchor::top_right || anchor == Anchor::right || anchor == Anchor::bottom_right;
  return right ? Side::far : Side::near;
}

Side down(Anchor anchor) {
  if (is_middle_down(anchor)) return Side::middle;
  const bool bottom =
      anchor == Anchor::bottom_left || anchor == Anchor::bottom || anchor == Anchor::bottom_right;
  return bottom ? Side::far : Side::near;
}

// `offset` runs inwards; from the middle it runs to the right or downwards.
int position(Side side, double offset, int size, int picture) {
  const int shift = static_cast<int>(std::lround(offset * picture));
  if (side == Side::near) return shift;
  return side == Side::far ? picture - size - shift : (picture - size) / 2 + shift;
}

int pixels(double length) { return static_cast<int>(std::clamp(std::round(length), 1.0, 65'535.0)); }

// The part of a place that lies on the picture.
struct Window {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
  bool empty() const { return right <= left || bottom <= top; }
};

// The image at the place's size, as much of it as the window shows. Down first and then across, so that
// little is held however large the image is.
std::vector<Pixel> resampled(const AVFrame& rgba, const OverlayPlace& place, const Window& window) {
  const auto wide = static_cast<std::size_t>(rgba.width);
  std::vector<overlay::Taps> columns;
  for (int x = window.left; x < window.right; ++x)
    columns.push_back(overlay::taps_for(x - place.x, rgba.width, place.width));
  std::vector<Pixel> result;
  result.reserve(static_cast<std::size_t>(window.width()) * static_cast<std::size_t>(window.height()));
  std::vector<Pixel> line(wide);
  const auto add = [](Pixel& to, const Pixel& from, float weight) {
    to.red += weight * from.red;
    to.green += weight * from.green;
    to.blue += weight * from.blue;
    to.alpha += weight * from.alpha;
  };
  for (int y = window.top; y < window.bottom; ++y) {
    const overlay::Taps rows = overlay::taps_for(y - place.y, rgba.height, place.height);
    std::fill(line.begin(), line.end(), Pixel{});
    for (std::size_t row = 0; row < rows.weights.size(); ++row) {
      const std::uint8_t* source = rgba.data[0] + (rows.first + static_cast<int>(row)) * rgba.linesize[0];
      for (std::size_t x = 0; x < wide; ++x) {
        const float alpha = static_cast<float>(source[4 * x + 3]) / 255;
        const float unit = alpha / 255;
        add(line[x],
            {static_cast<float>(source[4 * x]) * unit, static_cast<float>(source[4 * x + 1]) * unit,
             static_cast<float>(source[4 * x + 2]) * unit, alpha},
            rows.weights[row]);
      }
    }
    for (const overlay::Taps& taps : columns) {
      Pixel pixel;
      for (std::size_t i = 0; i < taps.weights.size(); ++i)
        add(pixel, line[static_cast<std::size_t>(taps.first) + i], taps.weights[i]);
      // A cubic swings over edges; what is left must be a colour again.
      pixel.alpha = std::clamp(pixel.alpha, 0.0F, 1.0F);
      pixel.red = std::clamp(pixel.red, 0.0F, pixel.alpha);
      pixel.green = std::clamp(pixel.green, 0.0F, pixel.alpha);
      pixel.blue = std::clamp(pixel.blue, 0.0F, pixel.alpha);
      result.push_back(pixel);
    }
  }
  return result;
}

overlay::Matrix matrix_of(AVColorSpace space, int height) {
  switch (space) {
    case AVCOL_SPC_BT709:
      return {0.2126F, 0.0722F};
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return {0.2627F, 0.0593F};
    case AVCOL_SPC_SMPTE240M:
      return {0.212F, 0.087F};
    case AVCOL_SPC_FCC:
      return {0.30F, 0.11F};
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return {0.299F, 0.114F};
    default:
      return height >= 720 ? overlay::Matrix{0.2126F, 0.0722F} : overlay::Matrix{0.299F, 0.114F};
  }
}

overlay::Transfer transfer_of(AVColorTransferCharacteristic transfer) {
  if (transfer == AVCOL_TRC_SMPTE2084) return overlay::Transfer::pq;
  return transfer == AVCOL_TRC_ARIB_STD_B67 ? overlay::Transfer::hlg : overlay::Transfer::sdr;
}

// What the chroma samples under a layer get from its pixels.
class ChromaSums {
 public:
  struct Sum {
    float alpha = 0;
    float u = 0;
    float v = 0;
  };
  ChromaSums(int left, int top, int width, int height)
      : left_(left),
        top_(top),
        width_(width),
        sums_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {}

  // Chroma lies on every second column and between two rows (H.264 table E-1, type 0): it takes a quarter, a
  // half and a quarter of three columns, and half of each row. Column 0 stands for the one before it too.
  void add(int x, int y, float alpha, const overlay::Yuv& colour) {
    const int column = x / 2 - left_;
    if (x % 2 == 0) {
      share(column, y, x == 0 ? 0.375F : 0.25F, alpha, colour);
    } else {
      share(column, y, 0.125F, alpha, colour);
      share(column + 1, y, 0.125F, alpha, colour);
    }
  }
  const std::vector<Sum>& sums() const { return sums_; }

 private:
  void share(int column, int y, float weight, float alpha, const overlay::Yuv& colour) {
    if (column >= width_) return;
    Sum& sum = sums_[static_cast<std::size_t>(y / 2 - top_) * static_cast<std::size_t>(width_) +
                     static_cast<std::size_t>(column)];
    sum.alpha += weight * alpha;
    sum.u += weight * colour.u;
    sum.v += weight * colour.v;
  }

  const int left_;
  const int top_;
  const int width_;
  std::vector<Sum> sums_;
};

}  // namespace

OverlayPlace place_of(const PlannedOverlay& overlay, PictureSize image, PictureSize picture,
                      PictureSize shown) {
  const double shape = static_cast<double>(image.width) / image.height;
  double width = overlay.width * picture.width;
  double height = overlay.height * picture.height;
  if (width <= 0 && height <= 0) {
    width = static_cast<double>(image.width) * picture.width / std::max(shown.width, 1);
    height = static_cast<double>(image.height) * picture.height / std::max(shown.height, 1);
  } else if (width <= 0) {
    width = height * shape;
  } else if (height <= 0) {
    height = width / shape;
  }
  OverlayPlace place;
  place.width = pixels(width);
  place.height = pixels(height);
  place.x = position(across(overlay.anchor), overlay.x, place.width, picture.width);
  place.y = position(down(overlay.anchor), overlay.y, place.height, picture.height);
  return place;
}

bool OverlayShape::fits(const AVFrame& frame) const {
  return frame.format == format && frame.width == width && frame.height == height &&
         frame.colorspace == matrix && frame.color_range == range && frame.color_trc == transfer;
}

OverlayShape OverlayShape::of(const AVFrame& frame) {
  return {frame.format, frame.width, frame.height, frame.colorspace, frame.color_range, frame.color_trc};
}

OverlayLayer::OverlayLayer(const PlannedOverlay& planned, const AVFrame& rgba, PictureSize shown,
                           const OverlayShape& shape)
    : ten_bit_(shape.format == AV_PIX_FMT_YUV420P10LE) {
  const OverlayPlace place = place_of(planned, {rgba.width, rgba.height}, {shape.width, shape.height}, shown);
  const Window window{std::max(place.x, 0), std::max(place.y, 0),
                      std::min(place.x + place.width, shape.width),
                      std::min(place.y + place.height, shape.height)};
  if (window.empty()) return;
  const overlay::Codes codes = overlay::codes_of(ten_bit_ ? 10 : 8, shape.range == AVCOL_RANGE_JPEG);
  const overlay::Matrix matrix = matrix_of(shape.matrix, shape.height);
  const overlay::Transfer transfer = transfer_of(shape.transfer);
  const auto opacity = static_cast<float>(std::clamp(planned.opacity, 0.0, 1.0));
  const std::vector<Pixel> image = resampled(rgba, place, window);

  const int left = window.left / 2;
  const int top = window.top / 2;
  const int width = std::min(window.right / 2 + 1, (shape.width + 1) / 2) - left;
  const int height = (window.bottom + 1) / 2 - top;
  planes_[0] = {{window.left, window.top, window.width(), window.height()}, {}};
  planes_[1] = planes_[2] = {{left, top, width, height}, {}};
  ChromaSums chroma(left, top, width, height);
  planes_[0].blends.reserve(image.size());
  for (std::size_t i = 0; i < image.size(); ++i) {
    const int x = window.left + static_cast<int>(i) % window.width();
    const int y = window.top + static_cast<int>(i) / window.width();
    const overlay::Yuv colour = overlay::to_yuv(overlay::to_transfer(image[i], transfer), matrix);
    const float alpha = image[i].alpha;
    planes_[0].blends.push_back(
        overlay::blend_of(opacity * (codes.black * alpha + codes.white * colour.y), opacity * alpha));
    chroma.add(x, y, alpha, colour);
  }
  for (const ChromaSums::Sum& sum : chroma.sums()) {
    const float middle = codes.middle * sum.alpha;
    planes_[1].blends.push_back(
        overlay::blend_of(opacity * (middle + codes.swing * sum.u), opacity * sum.alpha));
    planes_[2].blends.push_back(
        overlay::blend_of(opacity * (middle + codes.swing * sum.v), opacity * sum.alpha));
  }
}

void OverlayLayer::lay(AVFrame& frame) const {
  for (std::size_t plane = 0; plane < planes_.size(); ++plane) {
    const kernels::Overlay::Part& part = planes_[plane].part;
    const auto width = static_cast<std::size_t>(part.width);
    for (int y = 0; y < part.height; ++y) {
      const Blend* blends = planes_[plane].blends.data() + static_cast<std::size_t>(y) * width;
      std::uint8_t* row = frame.data[plane] + (part.y + y) * frame.linesize[plane];
      if (ten_bit_)
        overlay::blend_row(reinterpret_cast<std::uint16_t*>(row) + part.x, blends, width);
      else
        overlay::blend_row(row + part.x, blends, width);
    }
  }
}

}  // namespace millrace::engine
