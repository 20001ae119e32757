// The device's form of Kernels: an entry for each operation and each pair of sample types. A thread makes a
// sample.
#if defined(__clang__)
// clang without the CUDA Toolkit: the names that its headers would bring.
#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __grid_constant__
#include <__clang_cuda_builtin_vars.h>
#include <cstdlib>  // malloc and free, which clang's wrapper of <new> calls
#endif

#include "kernels/colour_pixel.h"
#include "kernels/deinterlace.h"
#include "kernels/ladder.h"
#include "kernels/launch.h"
#include "kernels/turn.h"

#define MILLRACE_DEVICE __device__ inline __attribute__((always_inline))

namespace millrace::kernels {

MILLRACE_DEVICE Place place() {
  return {static_cast<std::int32_t>(blockIdx.x * kBlockWidth + threadIdx.x),
          static_cast<std::int32_t>(blockIdx.y * kBlockHeight + threadIdx.y)};
}

// The grid's third dimension: twice the rung, and one more for chroma.
template <class In, class Out>
MILLRACE_DEVICE void ladder_entry(const Ladder& work) {
  const Rung& rung = work.rungs[blockIdx.z / 2];
  const Place at = place();
  if (blockIdx.z % 2 == 0) {
    if (at.x < rung.luma_across.size && at.y < rung.luma_down.size)
      ladder_luma<In, Out>(work.source, rung, at.x, at.y);
  } else if (at.x < rung.chroma_across.size && at.y < rung.chroma_down.size) {
    ladder_chroma<In, Out>(work.source, rung, at.x, at.y);
  }
}

template <class In, class Out>
MILLRACE_DEVICE void convert_entry(const Conversion& work) {
  const Place at = place();
  if (at.x < chroma_size(work.target.width) && at.y < chroma_size(work.target.height))
    convert_block<In, Out>(work, at.x, at.y);
}

template <class Sample>
MILLRACE_DEVICE void deinterlace_entry(const Deinterlace& work) {
  const Place at = place();
  if (at.x < work.target.width && at.y < work.target.height) deinterlace_sample<Sample>(work, at.x, at.y);
}

template <class Sample>
MILLRACE_DEVICE void turn_entry(const Turn& work) {
  const Place at = place();
  if (at.x < work.target.width && at.y < work.target.height) turn_sample<Sample>(work, at.x, at.y);
}

}  // namespace millrace::kernels

// Names without mangling, as launch.h spells them. The work is read where the launch put it.
#define MILLRACE_ENTRY(name, Work, ...)                                          \
  extern "C" __global__ void __launch_bounds__(millrace::kernels::kBlockThreads, \
                                               millrace::kernels::kBlocksAtOnce) \
      name(const __grid_constant__ millrace::kernels::Work work) {               \
    millrace::kernels::__VA_ARGS__(work);                                        \
  }
MILLRACE_ENTRY(millrace_ladder_8_8, Ladder, ladder_entry<std::uint8_t, std::uint8_t>)
MILLRACE_ENTRY(millrace_ladder_8_10, Ladder, ladder_entry<std::uint8_t, std::uint16_t>)
MILLRACE_ENTRY(millrace_ladder_10_8, Ladder, ladder_entry<std::uint16_t, std::uint8_t>)
MILLRACE_ENTRY(millrace_ladder_10_10, Ladder, ladder_entry<std::uint16_t, std::uint16_t>)
MILLRACE_ENTRY(millrace_convert_8_8, Conversion, convert_entry<std::uint8_t, std::uint8_t>)
MILLRACE_ENTRY(millrace_convert_8_10, Conversion, convert_entry<std::uint8_t, std::uint16_t>)
MILLRACE_ENTRY(millrace_convert_10_8, Conversion, convert_entry<std::uint16_t, std::uint8_t>)
MILLRACE_ENTRY(millrace_convert_10_10, Conversion, convert_entry<std::uint16_t, std::uint16_t>)
MILLRACE_ENTRY(millrace_deinterlace_8, Deinterlace, deinterlace_entry<std::uint8_t>)
MILLRACE_ENTRY(millrace_deinterlace_10, Deinterlace, deinterlace_entry<std::uint16_t>)
MILLRACE_ENTRY(millrace_turn_8, Turn, turn_entry<std::uint8_t>)
MILLRACE_ENTRY(millrace_turn_10, Turn, turn_entry<std::uint16_t>)
