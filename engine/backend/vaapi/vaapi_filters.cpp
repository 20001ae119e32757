#include "engine/backend/vaapi/vaapi_filters.h"

#include <fmt/format.h>

#include <string_view>

#include "engine/plan/dynamic_range.h"
#include "engine/plan/normalise.h"

namespace millrace::engine {
namespace {

std::string_view surface_format(bool ten_bit) { return ten_bit ? "p010" : "nv12"; }

// Marked fields alone, or all pictures where the marks are known to be wrong.
std::string deinterlacing(const VideoTrack& track) {
  if (track.scan_note.empty()) return "deinterlace_vaapi=rate=frame:auto=1";
  return fmt::format("setfield={},deinterlace_vaapi=rate=frame:auto=0",
                     track.top_field_first ? "tff" : "bff");
}

bool says(const Normalisation& step, std::string_view word) {
  return step.filter.find(word) != std::string::npos;
}

std::string scaling(int width, int height, bool ten_bit) {
  return fmt::format("scale_vaapi=w={}:h={}:format={}:mode=hq", width, height, surface_format(ten_bit));
}

Result<std::string> chain_of(const Normalisation& step, const VideoTrack& track) {
  if (step.name == "colours") return step.filter;  // tags, which frames carry everywhere
  if (step.name == "deinterlace") return deinterlacing(track);
  if (step.name == "square_pixels") {
    const PictureSize size = shown_size(track);
    if (size.width == track.width && size.height == track.height) return std::string("setsar=1");
    return scaling(size.width, size.height, track.bits_per_component > 8) + ",setsar=1";
  }
  if (step.name == "pixel_format") {
    std::string text = fmt::format("scale_vaapi=format={}:out_range=limited:mode=hq",
                                   surface_format(says(step, "yuv420p10le")));
    if (says(step, "m=bt709"))
      text += ":out_color_matrix=bt709:out_color_primaries=bt709:out_color_transfer=bt709";
    return text;
  }
  if (step.name == "tone_map" && transfer_of(track) == "smpte2084" && !track.hdr.mastering_display.empty())
    return std::string("tonemap_vaapi=format=nv12:m=bt709:p=bt709:t=bt709");
  if (step.name == "tone_map")
    return Status(Code::unsupported, "VAAPI tone-maps HDR10 alone, and wants its mastering display");
  return Status(Code::unsupported, fmt::format("VAAPI has no filter for {}", step.name));
}

bool makes_surfaces(std::string_view chain) { return chain.find("_vaapi") != std::string_view::npos; }

}  // namespace

Result<std::string> vaapi_normalising_chain(const Plan& plan) {
  const VideoTrack& track = *plan.source.main_video();
  std::string chain;
  for (const Normalisation& step : plan.normalisations) {
    Result<std::string> text = chain_of(step, track);
    if (!text.ok()) return text.status();
    // Before ",setsar=1", which has no surfaces of its own.
    if (makes_surfaces(*text)) {
      const std::size_t end = text->find(",setsar");
      text->insert(end == std::string::npos ? text->size() : end,
                   fmt::format(":extra_hw_frames={}", kHeldSurfaces));
    }
    chain += (chain.empty() ? "" : ",") + *text;
  }
  return chain;
}

std::string vaapi_scaling_chain(const ScalerSettings& settings) {
  return scaling(settings.width, settings.height, settings.ten_bit) + ",setsar=1";
}

std::string vaapi_upload_chain(bool ten_bit) {
  return fmt::format("format={},hwupload", ten_bit ? "p010le" : "nv12");
}

std::string vaapi_download_chain(bool ten_bit) {
  return ten_bit ? "hwdownload,format=p010le,format=yuv420p10le" : "hwdownload,format=nv12,format=yuv420p";
}

}  // namespace millrace::engine
