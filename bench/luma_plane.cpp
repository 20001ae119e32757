#include "bench/luma_plane.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>

#include "engine/pipeline/av.h"

extern "C" {
#include <libswscale/swscale.h>
}

namespace millrace::bench {

using engine::Result;
using kernels::LadderShape;

LumaPlane zone_plate(LadderShape::Size size) {
  LumaPlane plane{size, {}};
  const double middle_x = 0.5 * size.width, middle_y = 0.5 * size.height;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const double square = std::pow(x - middle_x, 2) + std::pow(y - middle_y, 2);
      const double wave = std::cos(std::numbers::pi * square / size.width);
      plane.samples.push_back(static_cast<std::uint8_t>(std::lround(125.5 + 109.5 * wave)));
    }
  return plane;
}

Result<LumaPlane> scaled_by_swscale(const LumaPlane& plane, LadderShape::Size size, kernels::Filter filter) {
  const bool bicubic = filter == kernels::Filter::bicubic;
  const std::array<double, 2> parameters = {bicubic ? 0.0 : 3.0, 0.6};
  const std::unique_ptr<SwsContext, decltype(&sws_freeContext)> scaler(
      sws_getContext(plane.size.width, plane.size.height, AV_PIX_FMT_GRAY8, size.width, size.height,
                     AV_PIX_FMT_GRAY8, (bicubic ? SWS_BICUBIC : SWS_LANCZOS) | SWS_ACCURATE_RND, nullptr,
                     nullptr, parameters.data()),
      sws_freeContext);
  if (!scaler) return engine::av_status(AVERROR(EINVAL), "libswscale");
  LumaPlane scaled{size, {}};
  scaled.samples.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
  const std::array<const std::uint8_t*, 1> from = {plane.samples.data()};
  const std::array<std::uint8_t*, 1> to = {scaled.samples.data()};
  if (const int error = sws_scale(scaler.get(), from.data(), &plane.size.width, 0, plane.size.height,
                                  to.data(), &size.width);
      error < 0)
    return engine::av_status(error, "libswscale");
  return scaled;
}

double decibels(const LumaPlane& a, const LumaPlane& b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.samples.size(); ++i) squares += std::pow(a.samples[i] - b.samples[i], 2);
  const double mean = squares / static_cast<double>(a.samples.size());
  return mean > 0 ? std::min(kSameDecibels, 10 * std::log10(255.0 * 255.0 / mean)) : kSameDecibels;
}

}  // namespace millrace::bench
