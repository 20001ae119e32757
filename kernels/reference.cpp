#include "kernels/reference.h"

#include "kernels/colour_pixel.h"

namespace millrace::kernels {
namespace {

// Calls `work` with a value of each surface's sample type.
template <class Work>
void with_samples(const Surface& in, const Surface& out, const Work& work) {
  const bool wide_in = in.depth > 8, wide_out = out.depth > 8;
  if (wide_in && wide_out)
    work(std::uint16_t{}, std::uint16_t{});
  else if (wide_in)
    work(std::uint16_t{}, std::uint8_t{});
  else if (wide_out)
    work(std::uint8_t{}, std::uint16_t{});
  else
    work(std::uint8_t{}, std::uint8_t{});
}

template <class Sample>
void each_sample(std::int32_t width, std::int32_t height, const Sample& sample) {
  for (std::int32_t y = 0; y < height; ++y)
    for (std::int32_t x = 0; x < width; ++x) sample(x, y);
}

}  // namespace

void ReferenceKernels::ladder(const Ladder& work) {
  for (std::int32_t i = 0; i < work.count; ++i) {
    const Rung& rung = work.rungs[i];
    const Surface& to = rung.target;
    with_samples(work.source, to, [&]<class In, class Out>(In, Out) {
      each_sample(to.width, to.height,
                  [&](std::int32_t x, std::int32_t y) { ladder_luma<In, Out>(work.source, rung, x, y); });
      each_sample(chroma_size(to.width), chroma_size(to.height),
                  [&](std::int32_t x, std::int32_t y) { ladder_chroma<In, Out>(work.source, rung, x, y); });
    });
  }
}

void ReferenceKernels::convert(const Conversion& work) {
  with_samples(work.source, work.target, [&]<class In, class Out>(In, Out) {
    each_sample(chroma_size(work.target.width), chroma_size(work.target.height),
                [&](std::int32_t x, std::int32_t y) { convert_block<In, Out>(work, x, y); });
  });
}

void ReferenceKernels::deinterlace(const Deinterlace& work) {
  with_samples(work.current, work.target, [&]<class In, class Out>(In, Out) {
    each_sample(work.target.width, work.target.height,
                [&](std::int32_t x, std::int32_t y) { deinterlace_sample<Out>(work, x, y); });
  });
}

void ReferenceKernels::turn(const Turn& work) {
  with_samples(work.source, work.target, [&]<class In, class Out>(In, Out) {
    each_sample(work.target.width, work.target.height,
                [&](std::int32_t x, std::int32_t y) { turn_sample<Out>(work, x, y); });
  });
}

}  // namespace millrace::kernels
