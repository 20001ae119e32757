#include "engine/plan/device_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/plan/device_fit.h"
#include "engine/plan/dynamic_range.h"
#include "engine/plan/normalise.h"
#include "engine/plan/stage.h"

namespace millrace::engine {
namespace {

int bits_of(const VideoTrack& track) {
  const auto form = pixel_form_of(track.pixel_format);
  return form ? form->bits : track.bits_per_component;
}

bool keeps_ten_bits(const Plan& plan) {
  return std::any_of(plan.renditions.begin(), plan.renditions.end(),
                     [](const PlannedRendition& each) { return each.ten_bit; });
}

std::string coded_as(std::string_view codec, int bits) {
  return bits == 8 ? std::string(codec) : fmt::format("{} of {} bits", codec, bits);
}

// Of the one step that makes the colours of all sources alike.
void add_colour_paths(const Normalisation& step, const Plan& plan, std::vector<FilterPath>& paths) {
  const VideoTrack& video = *plan.source.main_video();
  const bool maps_tones = step.name == "tone_map";
  if (!maps_tones && step.name != "pixel_format") return;
  if (is_full_range(video)) paths.push_back(FilterPath::range);
  if (maps_tones)
    paths.push_back(transfer_of(video) == "smpte2084" ? FilterPath::tone_map : FilterPath::tone_map_hlg);
  else if (colour_change(plan) == ColourChange::bt709)
    paths.push_back(FilterPath::wide);
  if (!maps_tones && bits_of(video) > 8 && !keeps_ten_bits(plan)) paths.push_back(FilterPath::depth);
}

}  // namespace

std::string_view name_of(FilterPath path) {
  switch (path) {
    case FilterPath::deinterlace:
      return "deinterlace";
    case FilterPath::rotate:
      return "rotate";
    case FilterPath::depth:
      return "10 bits to 8";
    case FilterPath::range:
      return "full range to limited";
    case FilterPath::wide:
      return "BT.2020 to BT.709";
    case FilterPath::tone_map:
      return "tone_map";
    case FilterPath::tone_map_hlg:
      return "tone_map of HLG";
    case FilterPath::ten_bit:
      return "10 bits";
    case FilterPath::overlays:
      return "overlays";
  }
  return "";
}

std::vector<FilterPath> filter_paths(const Plan& plan) {
  std::vector<FilterPath> paths;
  for (const Normalisation& step : plan.normalisations) {
    if (step.name == "deinterlace") paths.push_back(FilterPath::deinterlace);
    if (step.name == "rotate") paths.push_back(FilterPath::rotate);
    add_colour_paths(step, plan, paths);
  }
  if (keeps_ten_bits(plan)) paths.push_back(FilterPath::ten_bit);
  if (!plan.overlays.empty() && plan.overlay_device() != kCpu) paths.push_back(FilterPath::overlays);
  return paths;
}

std::string decode_path(const VideoTrack& track) { return coded_as(track.codec, bits_of(track)); }

std::string encode_path(VideoCodec codec, bool ten_bit) { return coded_as(name_of(codec), ten_bit ? 10 : 8); }

}  // namespace millrace::engine
