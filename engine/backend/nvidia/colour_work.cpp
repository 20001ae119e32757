#include "engine/backend/nvidia/colour_work.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {
namespace {

using kernels::Matrix;
using kernels::Primaries;
using kernels::Transfer;

std::optional<Matrix> matrix_of(AVColorSpace space) {
  switch (space) {
    case AVCOL_SPC_BT709:
      return Matrix::bt709;
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_BT470BG:
      return Matrix::bt601;
    case AVCOL_SPC_BT2020_NCL:
      return Matrix::bt2020;
    default:
      return std::nullopt;
  }
}

std::optional<Primaries> primaries_of(AVColorPrimaries primaries) {
  switch (primaries) {
    case AVCOL_PRI_BT709:
      return Primaries::bt709;
    case AVCOL_PRI_SMPTE170M:
    case AVCOL_PRI_SMPTE240M:
      return Primaries::bt601_525;
    case AVCOL_PRI_BT470BG:
      return Primaries::bt601_625;
    case AVCOL_PRI_BT2020:
      return Primaries::bt2020;
    default:
      return std::nullopt;
  }
}

std::optional<Transfer> transfer_of(AVColorTransferCharacteristic transfer) {
  switch (transfer) {
    case AVCOL_TRC_BT709:
    case AVCOL_TRC_SMPTE170M:
    case AVCOL_TRC_BT2020_10:
    case AVCOL_TRC_BT2020_12:
      return Transfer::sdr;
    case AVCOL_TRC_SMPTE2084:
      return Transfer::pq;
    case AVCOL_TRC_ARIB_STD_B67:
      return Transfer::hlg;
    default:
      return std::nullopt;
  }
}

Status no_maths_for(const AVFrame& frame) {
  const auto name = [](const char* text) { return text == nullptr ? "?" : text; };
  return {Code::unsupported,
          fmt::format("no kernel converts pictures in {}/{}/{}", name(av_color_space_name(frame.colorspace)),
                      name(av_color_primaries_name(frame.color_primaries)),
                      name(av_color_transfer_name(frame.color_trc)))};
}

}  // namespace

double brightest_of(const AVFrame& frame) {
  constexpr double kUnsaid = 1000;
  if (const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL))
    if (const auto* light = reinterpret_cast<const AVContentLightMetadata*>(data->data); light->MaxCLL > 0)
      return light->MaxCLL;
  if (const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA))
    if (const auto* display = reinterpret_cast<const AVMasteringDisplayMetadata*>(data->data);
        display->has_luminance != 0 && av_q2d(display->max_luminance) > 0)
      return av_q2d(display->max_luminance);
  return kUnsaid;
}

Result<std::optional<ColourWork>> colour_work_of(ColourChange change, const AVFrame& frame) {
  const bool full = frame.color_range == AVCOL_RANGE_JPEG;
  if (change == ColourChange::none || (change == ColourChange::range && !full))
    return std::optional<ColourWork>();
  ColourWork work;
  work.from.range = full ? kernels::Range::full : kernels::Range::limited;
  // With the same colours on both sides it matters not which they are.
  if (change == ColourChange::range) return std::optional<ColourWork>(work);
  const auto matrix = matrix_of(frame.colorspace);
  const auto primaries = primaries_of(frame.color_primaries);
  const auto transfer = transfer_of(frame.color_trc);
  if (!matrix || !primaries || !transfer) return no_maths_for(frame);
  work.from = {*matrix, *primaries, *transfer, work.from.range};
  work.tone.source_nits = brightest_of(frame);
  work.tone.curve = kernels::ToneCurve::hable;
  const bool same =
      *matrix == work.to.matrix && *primaries == work.to.primaries && *transfer == work.to.transfer && !full;
  return same ? std::optional<ColourWork>() : std::optional<ColourWork>(work);
}

void tag_colours(ColourChange change, AVFrame& frame) {
  if (change == ColourChange::none) return;
  frame.color_range = AVCOL_RANGE_MPEG;
  if (change != ColourChange::bt709) return;
  frame.colorspace = AVCOL_SPC_BT709;
  frame.color_primaries = AVCOL_PRI_BT709;
  frame.color_trc = AVCOL_TRC_BT709;
}

}  // namespace millrace::engine
