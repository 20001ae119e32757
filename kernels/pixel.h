// Samples of 4:2:0 surfaces and the arithmetic on them. Compiled alike for the host and for the device, and
// gives the same bits in both: every a*b+c is one multiply_add, powers are our own polynomials, nothing is
// left to a libm.
#pragma once

#include <cstddef>
#include <cstdint>

// The one place where host and device part: what the device's compiler wants to read before a function.
#if defined(__CUDACC__) || defined(__CUDA__)
// Inlined always: a call would put what it is handed into the stack's memory.
#define MILLRACE_PIXEL __host__ __device__ inline __attribute__((always_inline))
#else
#define MILLRACE_PIXEL inline
#endif

namespace millrace::kernels {

// A 4:2:0 picture: NV12, P010, or planar in 8 or 10 bits. Chroma has (width+1)/2 by (height+1)/2 samples a
// component. Owns nothing; a source is not written.
struct Surface {
  std::byte* luma = nullptr;
  std::byte* u = nullptr;
  std::byte* v = nullptr;
  std::int32_t luma_stride = 0;    // bytes from row to row
  std::int32_t chroma_stride = 0;  // likewise, of u and of v
  std::int32_t chroma_step = 1;    // samples from one u to the next: 2 where u and v are interleaved
  std::int32_t width = 0;
  std::int32_t height = 0;
  std::int32_t depth = 8;  // bits of a code: 8, in bytes; or 10, in 16 bits
  std::int32_t shift = 0;  // bits by which a code stands to the left: 6 in P010
};

struct Place {
  std::int32_t x, y;
};

MILLRACE_PIXEL std::int32_t chroma_size(std::int32_t luma_size) { return (luma_size + 1) / 2; }

// Where row `y` of a plane begins. `Sample` is the type of a sample in memory.
template <class Sample>
MILLRACE_PIXEL Sample* row_of(std::byte* plane, std::int32_t stride, std::int32_t y) {
  return reinterpret_cast<Sample*>(plane + static_cast<std::int64_t>(stride) * y);
}

MILLRACE_PIXEL float multiply_add(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

template <class Number>
MILLRACE_PIXEL Number at_least(Number value, Number least) {
  return value < least ? least : value;
}
template <class Number>
MILLRACE_PIXEL Number at_most(Number value, Number most) {
  return value > most ? most : value;
}
template <class Number>
MILLRACE_PIXEL Number clamped(Number value, Number least, Number most) {
  return at_most(at_least(value, least), most);
}
MILLRACE_PIXEL std::int32_t distance(std::int32_t a, std::int32_t b) { return a < b ? b - a : a - b; }

MILLRACE_PIXEL std::int32_t largest_code(std::int32_t depth) { return (1 << depth) - 1; }

// The code nearest to `value`, which is in units of codes; halves go up.
MILLRACE_PIXEL std::int32_t to_code(float value, std::int32_t depth) {
  return static_cast<std::int32_t>(clamped(value, 0.0F, static_cast<float>(largest_code(depth))) + 0.5F);
}

// Base-2 logarithm of a positive normal number, to 2e-7 of its value or absolutely: the series of atanh over
// a mantissa in [sqrt(1/2), sqrt(2)).
MILLRACE_PIXEL float log2_of(float value) {
  const std::int32_t bits = __builtin_bit_cast(std::int32_t, value);
  const std::int32_t exponent = (bits - 0x3f3504f3) >> 23;  // 0x3f3504f3 is sqrt(1/2)
  const float mantissa = __builtin_bit_cast(float, bits - exponent * (1 << 23));
  const float s = (mantissa - 1.0F) / (mantissa + 1.0F);
  const float square = s * s;
  float series = multiply_add(square, 1.0F / 9.0F, 1.0F / 7.0F);
  series = multiply_add(series, square, 1.0F / 5.0F);
  series = multiply_add(series, square, 1.0F / 3.0F);
  series = multiply_add(series, square, 1.0F);
  return multiply_add(s * series, 2.88539008F, static_cast<float>(exponent));  // 2 / ln 2
}

// 2 to the power of `value`, which is held to -126..126, to 3e-7 of the result.
MILLRACE_PIXEL float exp2_of(float value) {
  const float held = clamped(value, -126.0F, 126.0F);
  const std::int32_t whole = static_cast<std::int32_t>(held + 126.5F) - 126;
  const float t = (held - static_cast<float>(whole)) * 0.693147181F;  // ln 2
  float series = multiply_add(t, 1.0F / 5040.0F, 1.0F / 720.0F);
  series = multiply_add(series, t, 1.0F / 120.0F);
  series = multiply_add(series, t, 1.0F / 24.0F);
  series = multiply_add(series, t, 1.0F / 6.0F);
  series = multiply_add(series, t, 0.5F);
  series = multiply_add(series, t, 1.0F);
  series = multiply_add(series, t, 1.0F);
  return series * __builtin_bit_cast(float, (whole + 127) << 23);
}

// `value` to the power of `exponent`; 0 for what is not above 1e-30.
MILLRACE_PIXEL float power_of(float value, float exponent) {
  return value > 1e-30F ? exp2_of(log2_of(value) * exponent) : 0.0F;
}

}  // namespace millrace::kernels
