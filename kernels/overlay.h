// OverlayPicture: a picture with transparency, made ready to be laid over 4:2:0 surfaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/colour.h"

namespace millrace::kernels {

// What a device reads: codes of the target's depth in 16 bits, and alphas 0..255, rows side by side without
// padding. Sizes and positions are even and in luma samples; the picture may reach over the target's border.
struct Overlay {
  const std::uint16_t* luma = nullptr;    // null: nothing is laid over
  const std::uint16_t* chroma = nullptr;  // u and v interleaved, a pair for each 2x2 luma samples
  const std::uint8_t* luma_alpha = nullptr;
  const std::uint8_t* chroma_alpha = nullptr;
  std::int32_t x = 0, y = 0;
  std::int32_t width = 0, height = 0;
};

// Owns the tables of one picture. Several logos are laid over each other before; a target has one picture.
class OverlayPicture {
 public:
  // rgba: width * height pixels of 4 bytes, alpha not multiplied in, R'G'B' in the target's primaries. x and
  // y are rounded down to even. A chroma sample's alpha is the rounded mean of its four, its colour their
  // mean weighted by alpha.
  OverlayPicture(std::span<const std::uint8_t> rgba, std::int32_t width, std::int32_t height, std::int32_t x,
                 std::int32_t y, const Colour& colour, std::int32_t depth);

  // To be put where the kernels read, and told by at().
  std::span<const std::byte> bytes() const { return bytes_; }
  // As it stands when bytes() lie at `base`, on the host or on a device; base is a multiple of 16.
  Overlay at(const std::byte* base) const;

 private:
  std::int32_t x_, y_, width_, height_;  // even
  std::vector<std::byte> bytes_;
};

}  // namespace millrace::kernels
