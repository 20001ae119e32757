#include "engine/pipeline/still_shape.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {
namespace {

std::string size_text(const PlannedStills& stills) {
  if (!stills.pad) return fmt::format("w={}:h={}", stills.width, stills.height);
  return fmt::format("w='max(1,round(min({0},iw*{1}/ih)))':h='max(1,round(min({1},ih*{0}/iw)))'",
                     stills.width, stills.height);
}

std::string colours(const PlannedStills& stills) {
  if (stills.format == StillFormat::jpg)
    return fmt::format("zscale=m=470bg:r=full,format={}",
                       stills.width % 2 == 0 && stills.height % 2 == 0 ? "yuv420p" : "yuv444p");
  const AVPixelFormat packed = stills.format == StillFormat::webp ? AV_PIX_FMT_RGB32 : AV_PIX_FMT_RGB24;
  return fmt::format("zscale=m=gbr:r=full,format=gbrp,format={}", av_get_pix_fmt_name(packed));
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
