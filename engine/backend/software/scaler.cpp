#include "engine/backend/software/scaler.h"

#include <fmt/format.h>

namespace millrace::engine {
namespace {

std::string scale_chain(int width, int height) {
  // An odd picture loses its last line or column first: zimg wants whole chroma samples.
  return fmt::format(
      "crop=trunc(iw/2)*2:trunc(ih/"
      "2)*2:0:0,zscale=w={}:h={}:filter=bicubic:param_a=0:param_b=0.6:dither=none,"
      "format=yuv420p,setsar=1",
      width, height);
}

}  // namespace

Scaler::Scaler(int width, int height, Sink<FramePtr>& out)
    : width_(width),
      height_(height),
      out_(out),
      filter_({scale_chain(width, height), kTicks, {0, 1}, {0, 1}, 1}, out) {}

Status Scaler::push(FramePtr frame) {
  if (frame->width == width_ && frame->height == height_ && frame->format == AV_PIX_FMT_YUV420P)
    return out_.push(std::move(frame));
  return filter_.push(std::move(frame));
}

Status Scaler::finish() { return filter_.finish(); }

}  // namespace millrace::engine
