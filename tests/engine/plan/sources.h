// Sources and machines written by hand, for tests of the plan.
#pragma once

#include "engine/plan/source.h"
#include "hw/inventory.h"

namespace millrace::engine::test {

// A progressive 1920x1080 at 25 frames per second, 62 s, with all colours said, and 5.1 AAC sound at 48 kHz.
inline Source full_hd() {
  Source source;
  source.url = "file:///media/clip.mp4";
  source.container = "mov,mp4,m4a,3gp,3g2,mj2";
  source.size_bytes = 26'000'000;
  source.duration_seconds = 62.32;
  source.can_seek = true;
  VideoTrack video;
  video.index = 0;
  video.codec = "h264";
  video.profile = "High";
  video.width = 1920;
  video.height = 1080;
  video.pixel_format = "yuv420p";
  video.color_range = "tv";
  video.color_matrix = video.color_primaries = video.color_transfer = "bt709";
  video.frame_rate = {25, 1};
  video.duration_seconds = 62.32;
  source.video = {video};
  AudioTrack audio;
  audio.index = 1;
  audio.codec = "aac";
  audio.channels = 6;
  audio.channel_layout = "5.1";
  audio.sample_rate = 48'000;
  audio.language = "eng";
  source.audio = {audio};
  source.chosen_video = 0;
  source.chosen_audio = 0;
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
