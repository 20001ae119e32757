// The paths over a device's stages: what it may get wrong while the rest of it is right. Each is tried by
// itself (schedule/canary.h), and one in quarantine keeps its stage of the pictures that need it on the CPU,
// while the device does all else. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/plan.h"

namespace millrace::engine {

// What filters are asked for beside scaling, which every road over them has.
enum class FilterPath {
  deinterlace,
  rotate,
  depth,     // 10 bits become 8
  range,     // full range becomes limited
  wide,      // BT.2020 becomes BT.709, SDR both
  tone_map,  // PQ becomes SDR
  tone_map_hlg,
  ten_bit,   // pictures of 10 bits are scaled and stay so
  overlays,  // are laid there
};
inline constexpr std::array kFilterPaths = {
    FilterPath::deinterlace,  FilterPath::rotate,  FilterPath::depth,
    FilterPath::range,        FilterPath::wide,    FilterPath::tone_map,
    FilterPath::tone_map_hlg, FilterPath::ten_bit, FilterPath::overlays};

// As a quarantine names it (StageFailure::codec).
std::string_view name_of(FilterPath path);

// Those that the plan's filters take; overlays are among them where the plan lays them on a device.
std::vector<FilterPath> filter_paths(const Plan& plan);

// What decodes the track, and what encodes a codec, as a quarantine names it: "hevc", "hevc of 10 bits".
std::string decode_path(const VideoTrack& track);
std::string encode_path(VideoCodec codec, bool ten_bit);

}  // namespace millrace::engine
