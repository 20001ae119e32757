#include "kernels/overlay.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "kernels/colour_pixel.h"

namespace millrace::kernels {
namespace {

struct Pixel {
  float luma = 0, u = 0, v = 0;
  std::int32_t alpha = 0;
};

std::size_t count(std::int32_t width, std::int32_t height) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

}  // namespace

OverlayPicture::OverlayPicture(std::span<const std::uint8_t> rgba, std::int32_t width, std::int32_t height,
                               std::int32_t x, std::int32_t y, const Colour& colour, std::int32_t depth)
    : x_(x & ~1), y_(y & ~1), width_(2 * chroma_size(width)), height_(2 * chroma_size(height)) {
  assert(rgba.size() == 4 * count(width, height));
  const ColourMap map = make_colour_map(colour, depth, colour, depth);
  const auto pixel = [&](std::int32_t column, std::int32_t row) {
    if (column >= width || row >= height) return Pixel{};
    const std::uint8_t* at = rgba.data() + 4 * (count(width, row) + static_cast<std::size_t>(column));
    const float red = static_cast<float>(at[0]) / 255.0F, green = static_cast<float>(at[1]) / 255.0F,
                blue = static_cast<float>(at[2]) / 255.0F;
    const float y_value = dot(map.red_weight, red, map.green_weight, green, map.blue_weight, blue);
    return Pixel{multiply_add(y_value, map.luma_scale, map.luma_zero),
                 multiply_add((blue - y_value) * map.cb_of_blue, map.chroma_scale, map.chroma_zero),
                 multiply_add((red - y_value) * map.cr_of_red, map.chroma_scale, map.chroma_zero), at[3]};
  };
  std::vector<std::uint16_t> codes;  // luma, then chroma
  std::vector<std::uint8_t> alphas;  // likewise
  codes.reserve(count(width_, height_) * 3 / 2);
  alphas.reserve(count(width_, height_) * 5 / 4);
  const auto put = [&](float value) { codes.push_back(static_cast<std::uint16_t>(to_code(value, depth))); };
  for (std::int32_t row = 0; row < height_; ++row) {
    for (std::int32_t column = 0; column < width_; ++column) {
      const Pixel here = pixel(column, row);
      put(here.luma);
      alphas.push_back(static_cast<std::uint8_t>(here.alpha));
    }
  }
  for (std::int32_t row = 0; row < height_; row += 2) {
    for (std::int32_t column = 0; column < width_; column += 2) {
      const std::array<Pixel, 4> four = {pixel(column, row), pixel(column + 1, row), pixel(column, row + 1),
                                         pixel(column + 1, row + 1)};
      float u = 0, v = 0;
      std::int32_t alpha = 0;
      for (const Pixel& each : four) {
        u += each.u * static_cast<float>(each.alpha);
        v += each.v * static_cast<float>(each.alpha);
        alpha += each.alpha;
      }
      const float weight = static_cast<float>(std::max(alpha, 1));
      put(u / weight);
      put(v / weight);
      alphas.push_back(static_cast<std::uint8_t>((alpha + 2) / 4));
    }
  }
  bytes_.resize(codes.size() * sizeof(codes[0]) + alphas.size());
  std::memcpy(bytes_.data(), codes.data(), codes.size() * sizeof(codes[0]));
  std::memcpy(bytes_.data() + codes.size() * sizeof(codes[0]), alphas.data(), alphas.size());
}

Overlay OverlayPicture::at(const std::byte* base) const {
  const std::size_t samples = count(width_, height_);
  Overlay overlay;
  overlay.luma = reinterpret_cast<const std::uint16_t*>(base);
  overlay.chroma = overlay.luma + samples;
  overlay.luma_alpha = reinterpret_cast<const std::uint8_t*>(overlay.chroma + samples / 2);
  overlay.chroma_alpha = overlay.luma_alpha + samples;
  overlay.x = x_;
  overlay.y = y_;
  overlay.width = width_;
  overlay.height = height_;
  return overlay;
}

}  // namespace millrace::kernels
