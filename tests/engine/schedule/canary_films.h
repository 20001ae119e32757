// The canary's films as fake workers see them, and what is tried with them in words.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/plan/device_path.h"

namespace millrace::engine::test {

// The film's codec and looks, by the name of its file: "h264.mp4", "hdr10-hevc.mp4", "mpeg2video.mkv".
inline void see_the_film(Source& source) {
  const std::string name = std::filesystem::path(source.url).stem();
  VideoTrack& video = source.video[0];
  for (const char* codec :
       {"h264", "hevc", "vp9", "av1", "mpeg1video", "mpeg2video", "mpeg4", "mjpeg", "vp8"})
    if (name.ends_with(codec)) video.codec = codec;
  const auto dressed = [&](const char* look) { return name.starts_with(std::string(look) + "-"); };
  if (dressed("deep") || dressed("hdr10") || dressed("hlg")) {
    video.pixel_format = "yuv420p10le";
    video.bits_per_component = 10;
  }
  if (dressed("full_range")) video.color_range = "pc";
  if (dressed("wide") || dressed("hdr10") || dressed("hlg")) {
    video.color_matrix = "bt2020nc";
    video.color_primaries = "bt2020";
    video.color_transfer = dressed("wide") ? "bt2020-10" : dressed("hlg") ? "arib-std-b67" : "smpte2084";
  }
  if (dressed("hdr10"))
    video.hdr.mastering_display = "G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,1)";
}

// What paths a plan's pictures take, in words.
inline std::string paths_of(const Plan& plan) {
  std::string paths = decode_path(plan.source.video[0]);
  for (const FilterPath each : filter_paths(plan)) paths += fmt::format(" + {}", name_of(each));
  return paths;
}

// As this build has them.
inline const std::vector<std::string> kEveryStep = {"deinterlace",   "rotate",   "even_size",
                                                    "square_pixels", "tone_map", "pixel_format"};

}  // namespace millrace::engine::test
