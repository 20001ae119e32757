#include "engine/pipeline/still_shape.h"

#include <fmt/format.h>

namespace millrace::engine {
namespace {

std::string size_text(const PlannedStills& stills) {
  if (!stills.pad) return fmt::format("w={}:h={}", stills.width, stills.height);
  return fmt::format("w='max(1,round(min({0},iw*{1}/ih)))':h='max(1,round(min({1},ih*{0}/iw)))'",
                     stills.width, stills.height);
}

// JPEG and WebP are BT.601 to every reader (JFIF 1.02; RFC 6386 §9.2), JPEG in full range.
std::string colours(const PlannedStills& stills) {
  const bool even = stills.width % 2 == 0 && stills.height % 2 == 0;
  switch (stills.format) {
    case StillFormat::jpg:
      return fmt::format("zscale=m=470bg:r=full,format={}", even ? "yuv420p" : "yuv444p");
    case StillFormat::webp:
      return fmt::format("zscale=m=470bg:r=limited,format={}", even ? "yuv420p" : "yuv444p,format=yuv420p");
    case StillFormat::png:
      return "zscale=m=gbr:r=full,format=gbrp,format=rgb24";
  }
  return {};
}

}  // namespace

std::string still_shape(const PlannedStills& stills) {
  // 4:4:4 up to the end: a size or a padding of odd numbers splits no chroma sample.
  std::string text = fmt::format("zscale={}:filter=bicubic:param_a=0:param_b=0.6,format=yuv444p,setsar=1",
                                 size_text(stills));
  if (stills.pad)
    text += fmt::format(",pad=w={}:h={}:x=(ow-iw)/2:y=(oh-ih)/2:color=black", stills.width, stills.height);
  return text + "," + colours(stills);
}

}  // namespace millrace::engine
