// The maths of laying a picture with alpha over a coded one: resampling, colours, blending. Pure functions
// over plain arrays, without FFmpeg; what is done to each sample is the kernels'.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/overlay.h"

namespace millrace::engine::overlay {

// Colours are already multiplied by alpha; all from 0 to 1, gamma coded.
struct Pixel {
  float red = 0;
  float green = 0;
  float blue = 0;
  float alpha = 0;
};

// ---- resampling ----

// Which inputs make one output, and how much of each; the weights' sum is 1.
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

// Keys' cubic with b = 0, c = 0.6, as the scaler of the pictures.
inline float cubic(float x) {
  constexpr float c = 0.6F;
  x = std::abs(x);
  if (x < 1) return ((2 - c) * x - (3 - c)) * x * x + 1;
  return x < 2 ? ((-c * x + 5 * c) * x - 8 * c) * x + 4 * c : 0;
}

// For output `at` of `to` samples made from `from`; inputs beyond the edge are left out.
inline Taps taps_for(int at, int from, int to) {
  const float ratio = static_cast<float>(from) / static_cast<float>(to);
  const float stretch = std::max(ratio, 1.0F);
  const float centre = (static_cast<float>(at) + 0.5F) * ratio - 0.5F;
  Taps taps;
  taps.first = std::clamp(static_cast<int>(std::ceil(centre - 2 * stretch)), 0, from - 1);
  const int last = std::clamp(static_cast<int>(std::floor(centre + 2 * stretch)), taps.first, from - 1);
  float sum = 0;
  for (int each = taps.first; each <= last; ++each) {
    taps.weights.push_back(cubic((static_cast<float>(each) - centre) / stretch));
    sum += taps.weights.back();
  }
  for (float& weight : taps.weights) weight /= sum;
  return taps;
}

// ---- colours ----

// ITU-R BT.601, BT.709, BT.2020: the shares of red and blue in luma.
struct Matrix {
  float red = 0.2126F;
  float blue = 0.0722F;
};

// Code values of limited or full range (BT.709 §4.6): luma = black + white * y, chroma = middle + swing * c.
struct Codes {
  float black = 16;
  float white = 219;
  float middle = 128;
  float swing = 224;
};
inline Codes codes_of(int bits, bool full_range) {
  const float unit = static_cast<float>(1 << (bits - 8));
  if (!full_range) return {16 * unit, 219 * unit, 128 * unit, 224 * unit};
  const float most = static_cast<float>((1 << bits) - 1);
  return {0, most, 128 * unit, most};
}

// Premultiplied luma (0 to 1) and colour differences (-0.5 to 0.5).
struct Yuv {
  float y = 0;
  float u = 0;
  float v = 0;
};
inline Yuv to_yuv(const Pixel& pixel, const Matrix& matrix) {
  const float y =
      matrix.red * pixel.red + (1 - matrix.red - matrix.blue) * pixel.green + matrix.blue * pixel.blue;
  return {y, (pixel.blue - y) / (2 * (1 - matrix.blue)), (pixel.red - y) / (2 * (1 - matrix.red))};
}

// IEC 61966-2-1 (sRGB) to linear light, 1 is white.
inline float linear_of(float coded) {
  return coded <= 0.04045F ? coded / 12.92F : std::pow((coded + 0.055F) / 1.055F, 2.4F);
}

// White of graphics in HDR is 203 cd/m2 (ITU-R BT.2408 §2.2): 58 % of PQ, 75 % of HLG.
inline float pq_of(float linear) {
  const float light = std::pow(std::max(linear, 0.0F) * 203 / 10'000, 0.1593017578125F);  // BT.2100 table 4
  return std::pow((0.8359375F + 18.8515625F * light) / (1 + 18.6875F * light), 78.84375F);
}
inline float hlg_of(float linear) {
  const float light = std::max(linear, 0.0F) * 0.26496F;  // BT.2100 table 5
  return light <= 1.0F / 12 ? std::sqrt(3 * light)
                            : 0.17883277F * std::log(12 * light - 0.28466892F) + 0.55991073F;
}

enum class Transfer { sdr, pq, hlg };

// From sRGB to a picture's colours: nothing for SDR; BT.2020 primaries (BT.2087 §4) and PQ or HLG for HDR.
inline Pixel to_transfer(const Pixel& pixel, Transfer transfer) {
  if (transfer == Transfer::sdr || pixel.alpha <= 0) return pixel;
  const float r = linear_of(pixel.red / pixel.alpha);
  const float g = linear_of(pixel.green / pixel.alpha);
  const float b = linear_of(pixel.blue / pixel.alpha);
  const auto coded = [&](float linear) {
    return pixel.alpha * (transfer == Transfer::pq ? pq_of(linear) : hlg_of(linear));
  };
  return {coded(0.6274F * r + 0.3293F * g + 0.0433F * b), coded(0.0691F * r + 0.9195F * g + 0.0114F * b),
          coded(0.0164F * r + 0.0880F * g + 0.8956F * b), pixel.alpha};
}

// ---- blending ----

using kernels::Blend;
inline Blend blend_of(float premultiplied_code, float alpha) {
  return {static_cast<std::uint32_t>(std::max(premultiplied_code, 0.0F) * 65'536 + 0.5F),
          65'536 - static_cast<std::uint32_t>(std::clamp(alpha, 0.0F, 1.0F) * 65'536 + 0.5F)};
}

// Samples of up to 12 bits.
template <class Sample>
void blend_row(Sample* samples, const Blend* blends, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    samples[i] = static_cast<Sample>(kernels::laid(blends[i], samples[i]));
}

}  // namespace millrace::engine::overlay
