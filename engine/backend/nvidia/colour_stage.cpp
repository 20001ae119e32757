#include "engine/backend/nvidia/colour_stage.h"

#include <fmt/format.h>

#include <utility>

#include "engine/backend/nvidia/rungs.h"
#include "engine/base/work_count.h"

namespace millrace::engine {

Status ColourStage::push(FramePtr frame) {
  const auto refused = [&](Code code, const std::string& why) {
    return blamed_on(Stage::filters, {code, fmt::format("filters on {}: {}", device_.name(), why)});
  };
  const auto work = colour_work_of(change_, *frame);
  if (!work.ok()) return refused(work.status().code(), work.status().message());
  if (!*work) return out_.push(std::move(frame));
  const ColourWork& colours = **work;
  if (const std::string why = kernels::refused(colours.from, colours.to, colours.tone); !why.empty())
    return refused(Code::unsupported, why);
  const auto source = device_surface(device_, *frame);
  if (!source.ok()) return source.status();
  auto converted = pool_.take(*source, *frame);
  if (!converted.ok()) return converted.status();
  const auto target = device_surface(device_, **converted);
  if (!target.ok()) return target.status();
  device_.kernels().convert(
      {*source, *target,
       kernels::make_colour_map(colours.from, source->depth, colours.to, target->depth, colours.tone)});
  if (Status status = device_.launched(); !status.ok()) return status;
  tag_colours(change_, **converted);
  note_work();
  return out_.push(std::move(*converted));
}

}  // namespace millrace::engine
