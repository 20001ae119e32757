// FilterAxis: how one direction of a picture is resampled, as tables that a device can read; and the sum over
// them.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/pixel.h"

namespace millrace::kernels {

enum class Filter {
  bicubic,   // b 0, c 0.6: what libswscale and zscale are set to in this program
  lanczos3,  // a windowed sinc over three lobes
};

// For target sample i: sum over tap of weights[tap * size + i] * source[first[i] + tap]. All of them lie
// inside the source: what a filter would read outside stands in the weight of the border sample.
struct FilterAxis {
  const std::int32_t* first = nullptr;
  const float* weights =
      nullptr;  // a tap's weights side by side, so that neighbouring threads read neighbours
  std::int32_t taps = 0;
  std::int32_t size = 0;  // target samples
};

// The same, owned. Host only.
struct AxisTable {
  std::vector<std::int32_t> first;
  std::vector<float> weights;
  std::int32_t taps = 0;
};

// The height of the filter at `x` source samples from its centre, before normalising.
double filter_at(Filter filter, double x);
// Half its width in source samples: 2 or 3.
double filter_radius(Filter filter);

// Where target sample i looks: (i + 1/2) * ratio - 1/2 + offset, in source samples. A ratio above 1 widens
// the filter by it, so that the whole area that a target sample covers counts. source and target at least 1.
AxisTable make_axis(Filter filter, std::int32_t source, std::int32_t target, double ratio, double offset);

// The filtered value at (x, y) of the target, in source codes, of `Components` planes of one geometry. `step`
// as Surface::chroma_step.
template <class Sample, int Components>
MILLRACE_PIXEL void filter_sums(std::byte* const (&planes)[Components], std::int32_t stride,
                                std::int32_t step, std::int32_t shift, const FilterAxis& across,
                                const FilterAxis& down, std::int32_t x, std::int32_t y,
                                float (&sums)[Components]) {
  const std::int32_t left = across.first[x] * step;
  const std::int32_t top = down.first[y];
  for (int component = 0; component < Components; ++component) sums[component] = 0.0F;
  for (std::int32_t row = 0; row < down.taps; ++row) {
    float line[Components] = {};
    for (std::int32_t tap = 0; tap < across.taps; ++tap) {
      const float weight = across.weights[static_cast<std::int64_t>(tap) * across.size + x];
      for (int component = 0; component < Components; ++component) {
        const Sample* samples = row_of<Sample>(planes[component], stride, top + row) + left;
        line[component] =
            multiply_add(weight, static_cast<float>(samples[tap * step] >> shift), line[component]);
      }
    }
    const float weight = down.weights[static_cast<std::int64_t>(row) * down.size + y];
    for (int component = 0; component < Components; ++component)
      sums[component] = multiply_add(weight, line[component], sums[component]);
  }
}

}  // namespace millrace::kernels
