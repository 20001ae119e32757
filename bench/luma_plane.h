// LumaPlane: the luma of a picture on the host, one to be scaled, and how near two of them are.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/status.h"
#include "kernels/filter.h"
#include "kernels/ladder.h"

namespace millrace::bench {

struct LumaPlane {
  kernels::LadderShape::Size size;
  std::vector<std::uint8_t> samples;  // row by row, without padding
};

// Rings around the middle, finer outwards, up to half a period a sample at the sides: every frequency that a
// plane can hold, so that what a scaler lets alias is seen.
LumaPlane zone_plate(kernels::LadderShape::Size size);

// By libswscale on the CPU, with the same filter and exact rounding. Fails as av_status() says.
engine::Result<LumaPlane> scaled_by_swscale(const LumaPlane& plane, kernels::LadderShape::Size size,
                                            kernels::Filter filter);

// PSNR of two planes of one size; at most kSameDecibels, which two equal ones have.
inline constexpr double kSameDecibels = 100;
double decibels(const LumaPlane& a, const LumaPlane& b);

}  // namespace millrace::bench
