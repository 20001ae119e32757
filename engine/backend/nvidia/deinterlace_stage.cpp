#include "engine/backend/nvidia/deinterlace_stage.h"

#include <utility>

#include "engine/backend/nvidia/rungs.h"
#include "engine/base/work_count.h"
#include "kernels/deinterlace.h"

namespace millrace::engine {
namespace {

// Pictures that the kernel may look at together, and that libavfilter's chain would not be built anew
// between.
bool is_alike(const AVFrame& one, const AVFrame& other) {
  return one.width == other.width && one.height == other.height && one.crop_left == other.crop_left &&
         one.crop_top == other.crop_top && one.linesize[0] == other.linesize[0] &&
         one.linesize[1] == other.linesize[1] && format_on_device(one) == format_on_device(other) &&
         one.colorspace == other.colorspace && one.color_range == other.color_range &&
         av_cmp_q(one.sample_aspect_ratio, other.sample_aspect_ratio) == 0;
}

// A film picture that is shown for three fields: what lies beside it is a whole one, whatever its mark says.
bool is_film(const AVFrame& frame) { return !is_interlaced(frame) && frame.repeat_pict != 0; }

}  // namespace

DeinterlaceStage::DeinterlaceStage(NvidiaDevice& device, const VideoTrack& track, Sink<FramePtr>& out)
    : device_(device),
      marks_tell_(track.scan_note.empty()),
      top_first_(track.top_field_first),
      out_(out),
      pool_(device) {}

bool DeinterlaceStage::is_whole(const AVFrame& next) const {
  return marks_tell_ && (!is_interlaced(*current_) || (previous_ && is_film(*previous_)) || is_film(next));
}

Status DeinterlaceStage::emit(const AVFrame& next) {
  if (is_whole(next)) return out_.push(share(*current_));
  kernels::Deinterlace work;
  const struct {
    const AVFrame& frame;
    kernels::Surface& surface;
  } sources[] = {
      {previous_ ? *previous_ : next, work.previous}, {*current_, work.current}, {next, work.next}};
  for (const auto& each : sources) {
    const auto surface = device_surface(device_, each.frame);
    if (!surface.ok()) return surface.status();
    each.surface = *surface;
  }
  auto whole = pool_.take(work.current, *current_);
  if (!whole.ok()) return whole.status();
  const auto target = device_surface(device_, **whole);
  if (!target.ok()) return target.status();
  work.target = *target;
  work.kept = (marks_tell_ ? has_top_field_first(*current_) : top_first_) ? 0 : 1;
  device_.kernels().deinterlace(work);
  if (Status status = device_.launched(); !status.ok()) return status;
  set_progressive(**whole);
  note_work();
  return out_.push(std::move(*whole));
}

Status DeinterlaceStage::push(FramePtr frame) {
  if (current_ && !is_alike(*current_, *frame)) {
    if (Status status = emit(*current_); !status.ok()) return status;
    current_.reset();
    previous_.reset();
  }
  if (current_)
    if (Status status = emit(*frame); !status.ok()) return status;
  previous_ = std::move(current_);
  current_ = std::move(frame);
  return {};
}

Status DeinterlaceStage::finish() {
  if (current_)
    if (Status status = emit(*current_); !status.ok()) return status;
  current_.reset();
  previous_.reset();
  return out_.finish();
}

}  // namespace millrace::engine
