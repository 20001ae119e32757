#include "engine/backend/nvidia/rungs.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/backend/device_failure.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {

std::vector<std::vector<std::size_t>> launches_of(const Plan& plan) {
  std::vector<std::vector<std::size_t>> launches;
  for (const bool ten_bit : {false, true}) {
    std::vector<std::size_t> launch;
    for (std::size_t i = 0; i < plan.renditions.size(); ++i) {
      if (plan.renditions[i].ten_bit != ten_bit) continue;
      launch.push_back(i);
      if (launch.size() < static_cast<std::size_t>(kernels::kMostRungs)) continue;
      launches.push_back(std::move(launch));
      launch.clear();
    }
    if (!launch.empty()) launches.push_back(std::move(launch));
  }
  return launches;
}

int even_side(int side) { return std::max(side & ~1, 2); }

Result<kernels::Surface> source_surface(const AVFrame& frame, AVPixelFormat format, Sides sides) {
  const bool deep = format == AV_PIX_FMT_P010LE || format == AV_PIX_FMT_YUV420P10LE;
  const bool interleaved = format == AV_PIX_FMT_NV12 || format == AV_PIX_FMT_P010LE;
  if (!deep && !interleaved && format != AV_PIX_FMT_YUV420P) {
    const char* name = av_get_pix_fmt_name(format);
    return Status(Code::internal, fmt::format("pictures in {} are not for the kernels",
                                              name != nullptr ? name : "no format"));
  }
  const int sample = deep ? 2 : 1;
  // libavcodec cuts right and bottom of pictures on devices itself, and leaves left and top to who reads
  // them.
  const int left = static_cast<int>(frame.crop_left) & ~1, top = static_cast<int>(frame.crop_top) & ~1;
  const auto plane = [&](int index, int across, int down) {
    return reinterpret_cast<std::byte*>(frame.data[index]) +
           static_cast<std::ptrdiff_t>(frame.linesize[index]) * down + across * sample;
  };
  kernels::Surface surface;
  surface.luma = plane(0, left, top);
  surface.u = plane(1, interleaved ? left : left / 2, top / 2);
  surface.v = interleaved ? surface.u + sample : plane(2, left / 2, top / 2);
  surface.luma_stride = frame.linesize[0];
  surface.chroma_stride = frame.linesize[1];
  surface.chroma_step = interleaved ? 2 : 1;
  const auto side = [&](int shown) { return sides == Sides::even ? even_side(shown) : std::max(shown, 2); };
  surface.width = side(frame.width - left);
  surface.height = side(frame.height - top);
  surface.depth = deep ? 10 : 8;
  surface.shift = format == AV_PIX_FMT_P010LE ? 6 : 0;
  return surface;
}

Result<kernels::Surface> device_surface(const NvidiaDevice& device, const AVFrame& frame, Sides sides) {
  if (frame.hw_frames_ctx == nullptr)
    return device_failure(Stage::decode, device.name(), AVERROR(ENOSYS), "its pictures came out on the CPU");
  auto surface = source_surface(frame, format_on_device(frame), sides);
  if (!surface.ok()) return blamed_on(Stage::filters, surface.status());
  return surface;
}

kernels::LadderShape shape_of(const kernels::Surface& source, const AVFrame& frame, const Plan& plan,
                              const std::vector<std::size_t>& renditions) {
  kernels::LadderShape shape;
  shape.source = {source.width, source.height};
  for (const std::size_t each : renditions)
    shape.rungs.push_back({plan.renditions[each].width, plan.renditions[each].height});
  shape.source_depth = source.depth;
  shape.target_depth = !renditions.empty() && plan.renditions[renditions.front()].ten_bit ? 10 : 8;
  shape.range = frame.color_range == AVCOL_RANGE_JPEG ? kernels::Range::full : kernels::Range::limited;
  shape.site =
      frame.chroma_location == AVCHROMA_LOC_CENTER ? kernels::ChromaSite::centre : kernels::ChromaSite::left;
  return shape;
}

}  // namespace millrace::engine
