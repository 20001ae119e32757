// Turn: a picture turned by quarters and mirrored: the eight ways in which one may lie.
#pragma once

#include "kernels/pixel.h"

namespace millrace::kernels {

// One launch. The two surfaces agree in depth. The target has the turned source's sides or smaller ones: what
// lies beyond them on the right and below is left out.
struct Turn {
  Surface source;
  Surface target;
  std::int32_t quarters = 0;  // clockwise, 0 to 3
  std::int32_t mirrored = 0;  // 1: flipped left to right after the turn
};

// Where a plane of the source, of these sides, has the sample that comes to (x, y).
MILLRACE_PIXEL Place before_turning(const Turn& work, std::int32_t width, std::int32_t height, std::int32_t x,
                                    std::int32_t y) {
  const std::int32_t turned_width = work.quarters % 2 != 0 ? height : width;
  const std::int32_t across = work.mirrored != 0 ? turned_width - 1 - x : x;
  switch (work.quarters) {
    case 1:
      return {y, height - 1 - across};
    case 2:
      return {width - 1 - across, height - 1 - y};
    case 3:
      return {width - 1 - y, across};
    default:
      return {across, y};
  }
}

// Sample (x, y) of the luma plane; where a chroma sample lies there, of both chroma planes too. Each plane is
// turned by itself, as libavfilter's transpose, hflip and vflip do it: chroma keeps its samples, though they
// come to lie at other places between those of luma.
template <class Sample>
MILLRACE_PIXEL void turn_sample(const Turn& work, std::int32_t x, std::int32_t y) {
  const Surface& from = work.source;
  const Surface& to = work.target;
  const auto code = [&](std::byte* plane, std::int32_t stride, std::int32_t at, std::int32_t row) {
    return static_cast<Sample>(row_of<const Sample>(plane, stride, row)[at] >> from.shift << to.shift);
  };
  const Place luma = before_turning(work, from.width, from.height, x, y);
  row_of<Sample>(to.luma, to.luma_stride, y)[x] = code(from.luma, from.luma_stride, luma.x, luma.y);
  if (x >= chroma_size(to.width) || y >= chroma_size(to.height)) return;
  const Place chroma = before_turning(work, chroma_size(from.width), chroma_size(from.height), x, y);
  const std::int32_t at = chroma.x * from.chroma_step, there = x * to.chroma_step;
  row_of<Sample>(to.u, to.chroma_stride, y)[there] = code(from.u, from.chroma_stride, at, chroma.y);
  row_of<Sample>(to.v, to.chroma_stride, y)[there] = code(from.v, from.chroma_stride, at, chroma.y);
}

}  // namespace millrace::kernels
