#include "engine/pipeline/picture_shape.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "engine/plan/device_fit.h"
#include "engine/plan/picture_fit.h"
#include "engine/plan/stage.h"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {
namespace {

const AVPixFmtDescriptor* samples_of(const AVFrame& frame) {
  auto format = static_cast<AVPixelFormat>(frame.format);
  if (frame.hw_frames_ctx != nullptr)
    format = reinterpret_cast<const AVHWFramesContext*>(frame.hw_frames_ctx->data)->sw_format;
  return av_pix_fmt_desc_get(format);
}

bool hold_the_same_samples(const std::string& one, const std::string& other) {
  const auto form = pixel_form_of(one);
  const auto with = pixel_form_of(other);
  return form && with && form->chroma == with->chroma && form->bits == with->bits;
}

void take_format(const AVFrame& frame, VideoTrack& track) {
  const AVPixFmtDescriptor* samples = samples_of(frame);
  if (samples == nullptr) return;
  if (frame.hw_frames_ctx != nullptr && hold_the_same_samples(samples->name, track.pixel_format)) return;
  track.pixel_format = samples->name;
  track.bits_per_component = samples->comp[0].depth;
  track.has_alpha = (samples->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
}

void take_colours(const AVFrame& frame, VideoTrack& track) {
  const auto take = [](bool said, const char* name, std::string& colour) {
    if (said && name != nullptr) colour = name;
  };
  take(frame.color_range != AVCOL_RANGE_UNSPECIFIED, av_color_range_name(frame.color_range),
       track.color_range);
  take(frame.colorspace != AVCOL_SPC_UNSPECIFIED && frame.colorspace != AVCOL_SPC_RESERVED,
       av_color_space_name(frame.colorspace), track.color_matrix);
  take(frame.color_primaries != AVCOL_PRI_UNSPECIFIED && frame.color_primaries != AVCOL_PRI_RESERVED &&
           frame.color_primaries != AVCOL_PRI_RESERVED0,
       av_color_primaries_name(frame.color_primaries), track.color_primaries);
  take(frame.color_trc != AVCOL_TRC_UNSPECIFIED && frame.color_trc != AVCOL_TRC_RESERVED &&
           frame.color_trc != AVCOL_TRC_RESERVED0,
       av_color_transfer_name(frame.color_trc), track.color_transfer);
}

std::string shape_text(const VideoTrack& track) {
  return fmt::format("{}x{} {}, pixels {}:{}, {}/{}/{} range {}", track.width, track.height,
                     track.pixel_format, track.sample_aspect.numerator, track.sample_aspect.denominator,
                     track.color_matrix, track.color_primaries, track.color_transfer, track.color_range);
}

}  // namespace

VideoTrack seen_as(const VideoTrack& track, const AVFrame& frame) {
  VideoTrack now = track;
  // Decoders on a device leave what is to be cut off in their surfaces.
  now.width = frame.width - static_cast<int>(frame.crop_left + frame.crop_right);
  now.height = frame.height - static_cast<int>(frame.crop_top + frame.crop_bottom);
  const AVRational aspect = frame.sample_aspect_ratio;
  if (aspect.num > 0 && aspect.den > 0) now.sample_aspect = from_av(aspect).reduced();
  take_format(frame, now);
  take_colours(frame, now);
  return now;
}

std::function<std::string(const AVFrame&)> chain_by_shape(const VideoTrack& track, bool keep_hdr,
                                                          std::string planned, std::string then) {
  return [track, keep_hdr, planned = std::move(planned), then = std::move(then)](const AVFrame& frame) {
    const VideoTrack now = seen_as(track, frame);
    if (is_same_shape(track, now)) return planned;
    spdlog::warn("pictures change shape at {:.3f} s, from {} to {}; they are fitted into the first one",
                 static_cast<double>(frame.pts) / kTicksPerSecond, shape_text(track), shape_text(now));
    const std::string fitting = fitting_filter(track, now, keep_hdr);
    return then.empty() ? fitting : fitting + "," + then;
  };
}

Status SameShape::push(FramePtr frame) {
  const VideoTrack now = seen_as(track_, *frame);
  if (is_same_shape(track_, now)) return out_.push(std::move(frame));
  return of_source(blamed_on(
      Stage::filters, {Code::unsupported,
                       fmt::format("pictures change shape at {:.3f} s, from {} to {}, and {} takes one shape",
                                   static_cast<double>(frame->pts) / kTicksPerSecond, shape_text(track_),
                                   shape_text(now), device_)}));
}

}  // namespace millrace::engine
