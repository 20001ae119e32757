// Deinterlace: one field of an interlaced frame made a whole picture, by the motion around each missing
// sample.
#pragma once

#include "kernels/pixel.h"

namespace millrace::kernels {

// One launch. The four surfaces agree in size, depth and shift, the first three in strides and step too; the
// target is none of the others. At the ends of a
// clip the frame that is not there is given as `current`.
struct Deinterlace {
  Surface previous, current, next;
  Surface target;
  std::int32_t kept = 0;    // the lines that stay as they are: 0 the even ones (top field), 1 the odd ones
  std::int32_t second = 0;  // 1 where the kept field is the later one of its frame
};

// A missing sample lies between the lines above and below in its own field, and in time between the same line
// of the field before and of the field after. The mean over time is right where nothing moves; how far the
// four-tap interpolation over space may leave it grows with what moves around it.
template <class Sample>
MILLRACE_PIXEL std::int32_t deinterlaced(std::byte* previous, std::byte* current, std::byte* next,
                                         std::int32_t stride, std::int32_t shift, std::int32_t height,
                                         const Deinterlace& work, std::int32_t at, std::int32_t y) {
  const auto code = [=](std::byte* plane, std::int32_t row) {
    return static_cast<std::int32_t>(row_of<const Sample>(plane, stride, row)[at] >> shift);
  };
  if ((y & 1) == work.kept || height == 1) return code(current, y);
  const std::int32_t above = y > 0 ? y - 1 : y + 1;
  const std::int32_t below = y + 1 < height ? y + 1 : above;
  const std::int32_t up = code(current, above);
  const std::int32_t down = code(current, below);
  const std::int32_t farther =
      code(current, y >= 3 ? y - 3 : above) + code(current, y + 3 < height ? y + 3 : below);
  const std::int32_t before = code(work.second != 0 ? current : previous, y);
  const std::int32_t after = code(work.second != 0 ? next : current, y);
  const std::int32_t in_space = (9 * (up + down) - farther + 8) >> 4;
  const std::int32_t in_time = (before + after + 1) >> 1;
  const std::int32_t past =
      (distance(code(previous, above), up) + distance(code(previous, below), down)) >> 1;
  const std::int32_t future = (distance(code(next, above), up) + distance(code(next, below), down)) >> 1;
  const std::int32_t motion = at_least(at_least(distance(before, after) >> 1, past), future);
  return clamped(in_space, in_time - motion, in_time + motion);
}

// Sample (x, y) of the luma plane; where a chroma sample lies there, of both chroma planes too.
template <class Sample>
MILLRACE_PIXEL void deinterlace_sample(const Deinterlace& work, std::int32_t x, std::int32_t y) {
  const Surface& from = work.current;
  const Surface& to = work.target;
  const std::int32_t most = largest_code(to.depth);
  const std::int32_t luma = deinterlaced<Sample>(work.previous.luma, from.luma, work.next.luma,
                                                 from.luma_stride, from.shift, from.height, work, x, y);
  row_of<Sample>(to.luma, to.luma_stride, y)[x] = static_cast<Sample>(clamped(luma, 0, most) << to.shift);
  const std::int32_t height = chroma_size(from.height);
  if (x >= chroma_size(from.width) || y >= height) return;
  const std::int32_t at = x * from.chroma_step;
  const std::int32_t u = deinterlaced<Sample>(work.previous.u, from.u, work.next.u, from.chroma_stride,
                                              from.shift, height, work, at, y);
  const std::int32_t v = deinterlaced<Sample>(work.previous.v, from.v, work.next.v, from.chroma_stride,
                                              from.shift, height, work, at, y);
  const std::int32_t there = x * to.chroma_step;
  row_of<Sample>(to.u, to.chroma_stride, y)[there] = static_cast<Sample>(clamped(u, 0, most) << to.shift);
  row_of<Sample>(to.v, to.chroma_stride, y)[there] = static_cast<Sample>(clamped(v, 0, most) << to.shift);
}

}  // namespace millrace::kernels
