#include "engine/backend/software/scaler.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {
namespace {

AVPixelFormat format_of(const ScalerSettings& settings) {
  return settings.ten_bit ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
}

std::string scale_chain(const ScalerSettings& settings) {
  // An odd picture loses its last line or column first: zimg wants whole chroma samples.
  return fmt::format(
      "crop=trunc(iw/2)*2:trunc(ih/"
      "2)*2:0:0,zscale=w={}:h={}:filter=bicubic:param_a=0:param_b=0.6:dither=none,"
      "format={},setsar=1",
      settings.width, settings.height, av_get_pix_fmt_name(format_of(settings)));
}

}  // namespace

Scaler::Scaler(const ScalerSettings& settings, Sink<FramePtr>& out)
    : settings_(settings),
      format_(format_of(settings)),
      out_(out),
      filter_({scale_chain(settings), kTicks, {0, 1}, {0, 1}, 1}, out) {}

Status Scaler::push(FramePtr frame) {
  if (frame->width == settings_.width && frame->height == settings_.height && frame->format == format_)
    return out_.push(std::move(frame));
  return filter_.push(std::move(frame));
}

Status Scaler::finish() { return filter_.finish(); }

}  // namespace millrace::engine
