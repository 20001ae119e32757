// What a ColourMap does to a pixel, on host and device alike.
#pragma once

#include "kernels/tone_pixel.h"

namespace millrace::kernels {

// Codes to codes. `cb` and `cr` hold codes before and after, not rounded; returns luma likewise.
MILLRACE_PIXEL float mapped(const ColourMap& map, float luma, float& cb, float& cr) {
  const float y = multiply_add(luma, map.luma_gain, map.luma_offset);
  const float blue_difference = multiply_add(cb, map.chroma_gain, map.chroma_offset);
  const float red_difference = multiply_add(cr, map.chroma_gain, map.chroma_offset);
  Rgb rgb{multiply_add(red_difference, map.red_of_cr, y),
          multiply_add(red_difference, map.green_of_cr, multiply_add(blue_difference, map.green_of_cb, y)),
          multiply_add(blue_difference, map.blue_of_cb, y)};
  if (map.light != ColourMap::Light::as_coded) {
    // zscale has light for codes beyond those of white too, and so has what is to be like it.
    const float most = map.hable_gain > 0.0F ? 1.75F : 1.0F;
    const Rgb light = linear(
        map, {clamped(rgb.red, 0.0F, most), clamped(rgb.green, 0.0F, most), clamped(rgb.blue, 0.0F, most)});
    const float* m = map.gamut;
    rgb = {dot(m[0], light.red, m[1], light.green, m[2], light.blue),
           dot(m[3], light.red, m[4], light.green, m[5], light.blue),
           dot(m[6], light.red, m[7], light.green, m[8], light.blue)};
    if (map.hable_gain > 0.0F) rgb = toned(map, rgb);
    rgb = {shown(map, rgb.red), shown(map, rgb.green), shown(map, rgb.blue)};
  }
  const float result = dot(map.red_weight, rgb.red, map.green_weight, rgb.green, map.blue_weight, rgb.blue);
  cb = multiply_add((rgb.blue - result) * map.cb_of_blue, map.chroma_scale, map.chroma_zero);
  cr = multiply_add((rgb.red - result) * map.cr_of_red, map.chroma_scale, map.chroma_zero);
  return multiply_add(result, map.luma_scale, map.luma_zero);
}

// The one to four pixels of chroma sample (x, y). They share its chroma; the target's chroma is their mean.
template <class In, class Out>
MILLRACE_PIXEL void convert_block(const Conversion& work, std::int32_t x, std::int32_t y) {
  const Surface& from = work.source;
  const Surface& to = work.target;
  const std::int32_t at = x * from.chroma_step;
  const auto u = static_cast<float>(row_of<const In>(from.u, from.chroma_stride, y)[at] >> from.shift);
  const auto v = static_cast<float>(row_of<const In>(from.v, from.chroma_stride, y)[at] >> from.shift);
  const std::int32_t right = at_most(2 * x + 2, from.width);
  const std::int32_t bottom = at_most(2 * y + 2, from.height);
  const auto count = static_cast<float>((right - 2 * x) * (bottom - 2 * y));
  float u_sum = 0.0F, v_sum = 0.0F;
  for (std::int32_t row = 2 * y; row < bottom; ++row) {
    const In* in = row_of<const In>(from.luma, from.luma_stride, row);
    Out* out = row_of<Out>(to.luma, to.luma_stride, row);
    for (std::int32_t column = 2 * x; column < right; ++column) {
      float cb = u, cr = v;
      const float luma = mapped(work.map, static_cast<float>(in[column] >> from.shift), cb, cr);
      out[column] = static_cast<Out>(to_code(luma, to.depth) << to.shift);
      u_sum += cb;
      v_sum += cr;
    }
  }
  row_of<Out>(to.u, to.chroma_stride, y)[x * to.chroma_step] =
      static_cast<Out>(to_code(u_sum / count, to.depth) << to.shift);
  row_of<Out>(to.v, to.chroma_stride, y)[x * to.chroma_step] =
      static_cast<Out>(to_code(v_sum / count, to.depth) << to.shift);
}

}  // namespace millrace::kernels
