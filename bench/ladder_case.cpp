#include "bench/ladder_case.h"

#include <fmt/format.h>

namespace millrace::bench {
namespace {

using kernels::Filter;
using kernels::LadderShape;

constexpr int kLaunchesToScale = 2;
constexpr int kLaunchesToOverlay = 3;

LadderCase full_hd(Filter filter, bool logo) {
  LadderShape shape;
  shape.source = {1920, 1080};
  shape.rungs = {{1920, 1080}, {1280, 720}, {854, 480}, {640, 360}};
  shape.filter = filter;
  return {shape, logo};
}

LadderCase ultra_hd(Filter filter, bool logo) {
  LadderShape shape;
  shape.source = {3840, 2160};
  shape.rungs = {{3840, 2160}, {1920, 1080}, {1280, 720}, {854, 480}, {640, 360}};
  shape.source_depth = 10;
  shape.filter = filter;
  return {shape, logo};
}

const char* name_of(Filter filter) { return filter == Filter::bicubic ? "bicubic" : "lanczos"; }

// scale_cuda's bicubic has b 0 and c as told; its lanczos has no parameter.
const char* options_of(Filter filter) {
  return filter == Filter::bicubic ? "interp_algo=bicubic:param=0.6" : "interp_algo=lanczos";
}

std::string parted(const char* input, const char* each, std::size_t count) {
  std::string text = fmt::format("[{}]split={}", input, count);
  for (std::size_t i = 0; i < count; ++i) text += fmt::format("[{}{}]", each, i);
  return text;
}

}  // namespace

std::string name_of(const LadderCase& ladder) {
  const LadderShape& shape = ladder.shape;
  return fmt::format("ladder of {}x{} {} into {} rungs{}, {}", shape.source.width, shape.source.height,
                     shape.source_depth > 8 ? "P010" : "NV12", shape.rungs.size(),
                     ladder.logo ? " with a logo" : "", name_of(shape.filter));
}

const std::vector<LadderCase>& compared_ladders() {
  static const std::vector<LadderCase> all = {
      full_hd(Filter::bicubic, false), full_hd(Filter::lanczos3, false), full_hd(Filter::bicubic, true),
      ultra_hd(Filter::bicubic, true), ultra_hd(Filter::lanczos3, true),
  };
  return all;
}

std::string filter_graph(const LadderCase& ladder) {
  const std::vector<LadderShape::Size>& rungs = ladder.shape.rungs;
  std::string text = parted("in", "source", rungs.size());
  if (ladder.logo) text += ";" + parted("logo", "logo", rungs.size());
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    text += fmt::format(";[source{}]scale_cuda={}:{}:{}:format=yuv420p:passthrough=0", i, rungs[i].width,
                        rungs[i].height, options_of(ladder.shape.filter));
    if (ladder.logo)
      text += fmt::format("[rung{0}];[rung{0}][logo{0}]overlay_cuda={1}:{2}", i, kLogo.x, kLogo.y);
    text += fmt::format("[out{}]", i);
  }
  return text;
}

int filter_launches(const LadderCase& ladder) {
  return static_cast<int>(ladder.shape.rungs.size()) *
         (kLaunchesToScale + (ladder.logo ? kLaunchesToOverlay : 0));
}

}  // namespace millrace::bench
