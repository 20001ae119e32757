// Overlay: pictures with transparency laid over a part of a 4:2:0 surface, as what becomes of each of its
// samples. OverlayTables: the same, owned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/pixel.h"

namespace millrace::kernels {

// What one sample becomes: `add` is code value times alpha, `keep` is 1 - alpha, both of 65536. Alpha 0
// leaves the sample exactly as it was, alpha 1 gives the code value exactly.
struct Blend {
  std::uint32_t add = 0;
  std::uint32_t keep = 65'536;
};
// Codes of up to 12 bits.
MILLRACE_PIXEL std::int32_t laid(const Blend& blend, std::int32_t code) {
  return static_cast<std::int32_t>((blend.add + blend.keep * static_cast<std::uint32_t>(code) + 32'768U) >>
                                   16U);
}

// What a device reads. Rows of blends side by side without padding. A part may reach over the border.
struct Overlay {
  struct Part {
    std::int32_t x = 0, y = 0;  // samples of the plane
    std::int32_t width = 0, height = 0;
  };
  const Blend* luma = nullptr;  // null: nothing is laid over
  const Blend* u = nullptr;
  const Blend* v = nullptr;
  Part luma_part, chroma_part;
};

// The place of sample (x, y) in a part's blends, or -1.
MILLRACE_PIXEL std::int32_t place_in(const Overlay::Part& part, std::int32_t x, std::int32_t y) {
  const std::int32_t column = x - part.x, row = y - part.y;
  const bool inside = column >= 0 && row >= 0 && column < part.width && row < part.height;
  return inside ? row * part.width + column : -1;
}

// A part of one plane. Host only, as all below.
struct OverlayPlane {
  Overlay::Part part;
  std::vector<Blend> blends;  // row by row
};
using OverlayPlanes = std::array<OverlayPlane, 3>;  // luma, u, v; u and v cover the same part

// Both as one: at most one code from laying them one after the other. An empty one changes nothing.
OverlayPlanes laid_over(const OverlayPlanes& below, const OverlayPlanes& above);

class OverlayTables {
 public:
  // Not empty.
  explicit OverlayTables(const OverlayPlanes& planes);

  // To be put where the kernels read, and told by at().
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(blends_)); }
  // As it stands when bytes() lie at `base`, on the host or on a device; base is a multiple of 16.
  Overlay at(const std::byte* base) const;

 private:
  Overlay::Part luma_part_, chroma_part_;
  std::vector<Blend> blends_;
};

}  // namespace millrace::kernels
