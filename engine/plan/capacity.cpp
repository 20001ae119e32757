#include "engine/plan/capacity.h"

#include <cmath>

#include "engine/plan/estimate.h"

namespace millrace::engine {

std::int64_t live_millicores(double cores) {
  constexpr double kBusy = 7.0 / 8;  // bench/results, capacity
  return std::llround(std::ceil(cores / kBusy * 1000));
}

hw::Demand demand_of(const Plan& plan, const CostModel& model) {
  hw::Demand demand;
  demand.millicores = live_millicores(cores_of(plan, model));
  demand.memory_bytes = estimate_memory(plan);
  return demand;
}

Capacity capacity_of(const Plan& plan, const CostModel& model, const hw::Budget& budget) {
  Capacity capacity{cores_of(plan, model), demand_of(plan, model), estimate_bytes(plan, 1), {}};
  capacity.slots = hw::size_slots(budget, capacity.demand);
  if (capacity.demand.millicores > budget.millicores) capacity.slots = {0, hw::Limit::cores};
  return capacity;
}

Source nominal_source() {
  Source source;
  source.url = "file:///nominal.mp4";
  source.container = "mov,mp4,m4a,3gp,3g2,mj2";
  source.duration_seconds = 60;
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
  video.duration_seconds = source.duration_seconds;
  source.video = {video};
  AudioTrack audio;
  audio.index = 1;
  audio.codec = "aac";
  audio.channels = 2;
  audio.channel_layout = "stereo";
  audio.sample_rate = 48'000;
  audio.duration_seconds = source.duration_seconds;
  source.audio = {audio};
  source.chosen_video = 0;
  source.chosen_audio = 0;
  return source;
}

}  // namespace millrace::engine
