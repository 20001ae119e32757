// Pictures for the tests of kernels: surfaces in memory of their own, with padding that tells whether it was
// touched.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/pixel.h"

namespace millrace::kernels {

enum class Layout { nv12, p010, planar8, planar10 };

class Picture {
 public:
  Picture(int width, int height, Layout layout) {
    const bool wide = layout == Layout::p010 || layout == Layout::planar10;
    const bool interleaved = layout == Layout::nv12 || layout == Layout::p010;
    sample_ = wide ? 2 : 1;
    surface_.width = width;
    surface_.height = height;
    surface_.depth = wide ? 10 : 8;
    surface_.shift = layout == Layout::p010 ? 6 : 0;
    surface_.chroma_step = interleaved ? 2 : 1;
    surface_.luma_stride = width * sample_ + kPadding;
    surface_.chroma_stride = chroma_size(width) * sample_ * surface_.chroma_step + kPadding;
    luma_bytes_ = static_cast<std::size_t>(surface_.luma_stride) * static_cast<std::size_t>(height);
    chroma_bytes_ = static_cast<std::size_t>(surface_.chroma_stride) *
                    static_cast<std::size_t>(chroma_size(height)) * (interleaved ? 1 : 2);
    bytes_.assign(luma_bytes_ + chroma_bytes_, kUntouched);
  }

  std::vector<std::byte>& bytes() { return bytes_; }
  // As it stands when bytes() lie at `base`.
  Surface at(std::byte* base) const {
    Surface surface = surface_;
    surface.luma = base;
    surface.u = base + luma_bytes_;
    surface.v =
        surface.u + (surface.chroma_step == 2 ? static_cast<std::size_t>(sample_) : chroma_bytes_ / 2);
    return surface;
  }
  Surface surface() { return at(bytes_.data()); }

  enum Plane { luma, u, v };
  int width(Plane plane) const { return plane == luma ? surface_.width : chroma_size(surface_.width); }
  int height(Plane plane) const { return plane == luma ? surface_.height : chroma_size(surface_.height); }
  int code(Plane plane, int x, int y) {
    const std::byte* at = place(plane, x, y);
    if (sample_ == 1) return static_cast<int>(*at);
    std::uint16_t value = 0;
    std::memcpy(&value, at, 2);
    return value >> surface_.shift;
  }
  void set(Plane plane, int x, int y, int code) {
    const auto value = static_cast<std::uint16_t>(code << surface_.shift);
    std::memcpy(place(plane, x, y), &value, static_cast<std::size_t>(sample_));
  }
  // Edges, ramps and noise, the same for the same seed: all codes are used.
  void fill(unsigned seed) {
    unsigned state = seed * 2654435761U + 1;
    for (const Plane plane : {luma, u, v})
      for (int y = 0; y < height(plane); ++y)
        for (int x = 0; x < width(plane); ++x) {
          state = state * 1664525U + 1013904223U;
          const int most = largest_code(surface_.depth);
          const int ramp = (x * 5 + y * 3 + static_cast<int>(seed)) % (most + 1);
          const int kind = (x / 9 + y / 7) % 4;
          const int noise = static_cast<int>((state >> 16) % static_cast<unsigned>(most + 1));
          set(plane, x, y, kind == 0 ? ramp : kind == 1 ? noise : kind == 2 ? (x / 3 % 2) * most : ramp / 2);
        }
  }
  void fill_flat(int luma_code, int u_code, int v_code) {
    const int codes[] = {luma_code, u_code, v_code};
    for (const Plane plane : {luma, u, v})
      for (int y = 0; y < height(plane); ++y)
        for (int x = 0; x < width(plane); ++x) set(plane, x, y, codes[plane]);
  }
  std::vector<int> codes(Plane plane) {
    std::vector<int> all;
    for (int y = 0; y < height(plane); ++y)
      for (int x = 0; x < width(plane); ++x) all.push_back(code(plane, x, y));
    return all;
  }
  // Whether the bytes between rows still are as they were made. Call it on a target.
  bool padding_is_untouched() const {
    const auto row_is = [&](std::size_t begin, int stride) {
      const auto end = bytes_.begin() + static_cast<std::ptrdiff_t>(begin) + stride;
      return std::all_of(end - kPadding, end, [](std::byte each) { return each == kUntouched; });
    };
    for (std::size_t at = 0; at < luma_bytes_; at += static_cast<std::size_t>(surface_.luma_stride))
      if (!row_is(at, surface_.luma_stride)) return false;
    for (std::size_t at = luma_bytes_; at < bytes_.size();
         at += static_cast<std::size_t>(surface_.chroma_stride))
      if (!row_is(at, surface_.chroma_stride)) return false;
    return true;
  }

 private:
  static constexpr int kPadding = 34;
  static constexpr std::byte kUntouched{0xa5};

  std::byte* place(Plane plane, int x, int y) {
    const Surface all = surface();
    if (plane == luma) return all.luma + y * all.luma_stride + x * sample_;
    return (plane == u ? all.u : all.v) + y * all.chroma_stride + x * sample_ * all.chroma_step;
  }

  Surface surface_;
  int sample_ = 1;  // bytes
  std::size_t luma_bytes_ = 0, chroma_bytes_ = 0;
  std::vector<std::byte> bytes_;
};

}  // namespace millrace::kernels
