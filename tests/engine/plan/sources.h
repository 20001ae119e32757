// Sources and machines written by hand, for tests of the plan.
#pragma once

#include "engine/plan/capacity.h"
#include "engine/plan/source.h"
#include "hw/inventory.h"

namespace millrace::engine::test {

// A progressive 1920x1080 at 25 frames per second, 62 s, with all colours said, and 5.1 AAC sound at 48 kHz.
inline Source full_hd() {
  Source source = nominal_source();
  source.url = "file:///media/clip.mp4";
  source.size_bytes = 26'000'000;
  source.duration_seconds = source.video[0].duration_seconds = 62.32;
  source.audio[0].duration_seconds = {};
  source.audio[0].channels = 6;
  source.audio[0].channel_layout = "5.1";
  source.audio[0].language = "eng";
  return source;
}

inline VideoTrack full_hd_track() { return full_hd().video[0]; }

inline hw::Inventory without_gpu() {
  hw::Inventory machine;
  machine.absences = {{"memory", "no swap"},
                      {"nvidia", "libcuda.so.1 not found; install the NVIDIA driver"},
                      {"vaapi", "no /dev/dri/renderD128"}};
  return machine;
}

}  // namespace millrace::engine::test
