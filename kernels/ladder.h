// Ladder: one surface read once and written at several sizes, each with its overlay, in one launch.
// LadderTables: the filters of such a ladder, worked out once for many frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/colour.h"
#include "kernels/filter.h"
#include "kernels/overlay.h"
#include "kernels/pixel.h"

namespace millrace::kernels {

constexpr std::int32_t kMostRungs = 8;
constexpr std::int32_t kLargestSide = 16384;

// Where chroma samples lie across: between their two luma samples, or on the left one (H.264, HEVC and AV1
// where they say nothing). Downwards they lie between.
enum class ChromaSite { centre, left };

struct Rung {
  Surface target;
  FilterAxis luma_across, luma_down, chroma_across, chroma_down;
  Overlay overlay;
  float luma_gain = 1;  // source codes to target codes; 0.25 from 10 to 8 bits of limited range
  float chroma_gain = 1, chroma_offset = 0;
};

struct Ladder {
  Surface source;
  std::int32_t count = 0;
  Rung rungs[kMostRungs];
};
// What CUDA hands to a launch by value (CUDA C++ Programming Guide, "Function Parameters").
static_assert(sizeof(Ladder) <= 4096);

struct LadderShape {
  struct Size {
    std::int32_t width = 0;
    std::int32_t height = 0;
  };
  Size source;
  std::vector<Size> rungs;
  std::int32_t source_depth = 8;
  std::int32_t target_depth = 8;
  Range range = Range::limited;  // of source and targets
  Filter filter = Filter::bicubic;
  ChromaSite site = ChromaSite::left;
};

// Why no ladder of that shape can be made: empty where it can.
std::string refused(const LadderShape& shape);

class LadderTables {
 public:
  explicit LadderTables(const LadderShape& shape);  // one that is not refused

  // To be put where the kernels read, and told by at().
  std::span<const std::byte> bytes() const { return bytes_; }
  // As it stands when bytes() lie at `base`, on the host or on a device. The caller adds surfaces and
  // overlays.
  Ladder at(const std::byte* base) const;

 private:
  struct Axis {
    std::size_t first = 0, weights = 0;  // offsets into bytes_
    std::int32_t taps = 0, size = 0;
  };
  struct Axes {
    Axis luma_across, luma_down, chroma_across, chroma_down;
  };
  Axis add(const AxisTable& table);

  LadderShape shape_;
  std::vector<Axes> axes_;
  std::vector<std::byte> bytes_;
};

// Luma sample (x, y) of a rung.
template <class In, class Out>
MILLRACE_PIXEL void ladder_luma(const Surface& source, const Rung& rung, std::int32_t x, std::int32_t y) {
  std::byte* const planes[1] = {source.luma};
  float sums[1];
  filter_sums<In, 1>(planes, source.luma_stride, 1, source.shift, rung.luma_across, rung.luma_down, x, y,
                     sums);
  const Surface& to = rung.target;
  std::int32_t code = to_code(sums[0] * rung.luma_gain, to.depth);
  if (rung.overlay.luma != nullptr)
    if (const std::int32_t at = place_in(rung.overlay.luma_part, x, y); at >= 0)
      code = laid(rung.overlay.luma[at], code);
  row_of<Out>(to.luma, to.luma_stride, y)[x] = static_cast<Out>(code << to.shift);
}

// Chroma samples (x, y) of a rung, u and v.
template <class In, class Out>
MILLRACE_PIXEL void ladder_chroma(const Surface& source, const Rung& rung, std::int32_t x, std::int32_t y) {
  std::byte* const planes[2] = {source.u, source.v};
  float sums[2];
  filter_sums<In, 2>(planes, source.chroma_stride, source.chroma_step, source.shift, rung.chroma_across,
                     rung.chroma_down, x, y, sums);
  const Surface& to = rung.target;
  std::int32_t u = to_code(multiply_add(sums[0], rung.chroma_gain, rung.chroma_offset), to.depth);
  std::int32_t v = to_code(multiply_add(sums[1], rung.chroma_gain, rung.chroma_offset), to.depth);
  if (rung.overlay.luma != nullptr)
    if (const std::int32_t at = place_in(rung.overlay.chroma_part, x, y); at >= 0) {
      u = laid(rung.overlay.u[at], u);
      v = laid(rung.overlay.v[at], v);
    }
  row_of<Out>(to.u, to.chroma_stride, y)[x * to.chroma_step] = static_cast<Out>(u << to.shift);
  row_of<Out>(to.v, to.chroma_stride, y)[x * to.chroma_step] = static_cast<Out>(v << to.shift);
}

}  // namespace millrace::kernels
