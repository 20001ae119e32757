#include "engine/work/task_reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/status.h"
#include "engine/job/slide_show.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/network_url.h"
#include "engine/pipeline/open_source.h"
#include "engine/plan/estimate.h"

namespace millrace::engine {
namespace {

// A look decodes a few pictures with few threads; the largest that are decoded at all need less.
constexpr std::int64_t kLookBytes = 4LL << 30;
constexpr std::int64_t kLookCpuSeconds = 600;
constexpr std::int64_t kLeastTaskBytes = 4LL << 30;
constexpr std::int64_t kTimesTheEstimate = 4;
// A backstop against what never ends; far above the slowest preset. Work that gets nowhere is the watchdog's.
constexpr std::int64_t kCpuSecondsToBeginWith = 3600;
constexpr double kCpuSecondsPerMediaSecond = 400;

void add_input(TaskReach& reach, const std::string& url) {
  if (url.empty()) return;
  if (is_network_url(url)) {
    reach.network = true;
    return;
  }
  const Result<std::string> path = path_of_url(url);
  if (!path.ok()) return;
  reach.reads.emplace_back(*path);
  // A playlist's segments lie beside it, and only it knows their names.
  if (is_playlist_name(*path)) reach.reads.push_back(std::filesystem::absolute(*path).parent_path());
}

// A source is a file, or a slide show of many.
void add_source(TaskReach& reach, const std::string& url) {
  if (!is_slides_url(url)) return add_input(reach, url);
  const Result<SlideShow> show = slides_of_url(url);
  if (!show.ok()) return;
  for (const Slide& each : show->slides) add_input(reach, each.image);
  add_input(reach, show->audio);
}

// Far above what a task of such a plan should need, but not all of the machine: some room stays with the
// daemon and the workers beside. 0 for the machine: not known.
std::int64_t limit_of(std::int64_t wanted_bytes, std::int64_t machine_bytes) {
  const std::int64_t share = machine_bytes / 4 * 3;
  return share > 0 ? std::min(share, wanted_bytes) : wanted_bytes;
}

TaskReach reach_of(const Plan& plan, const std::filesystem::path& output_folder, std::int64_t machine_bytes) {
  TaskReach reach;
  add_source(reach, plan.source.url);
  for (const AudioTrack& each : plan.source.audio) add_input(reach, each.url);
  for (const PlannedOverlay& each : plan.overlays) add_input(reach, each.url);
  for (const PlannedSubtitle& each : plan.subtitles) add_input(reach, each.url);
  reach.writes.push_back(output_folder);
  reach.memory_bytes =
      limit_of(std::max(kLeastTaskBytes, estimate_memory(plan) * kTimesTheEstimate), machine_bytes);
  const double media_seconds =
      plan.source.length_promised ? 0 : std::clamp(plan.source.duration_seconds, 0.0, 1e6);
  const auto coded =
      static_cast<double>(std::max<std::size_t>(plan.renditions.size() + plan.outputs.size(), 1));
  if (media_seconds > 0)
    reach.cpu_seconds =
        kCpuSecondsToBeginWith +
        static_cast<std::int64_t>(std::ceil(media_seconds * kCpuSecondsPerMediaSecond * coded));
  return reach;
}

void add_devices(TaskReach& reach, const std::set<std::string>& devices) {
  constexpr std::string_view kVaapi = "vaapi:";
  bool nvidia = false;
  for (const std::string& each : devices) {
    if (each.starts_with(kVaapi)) reach.devices.emplace_back(each.substr(kVaapi.size()));
    nvidia = nvidia || each.starts_with("cuda:");
  }
  if (!nvidia) return;
  // NVIDIA's driver looks at all its cards before it opens one.
  for (const char* node : {"/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-caps"})
    reach.devices.emplace_back(node);
  constexpr int kMostCards = 16;
  for (int card = 0; card < kMostCards; ++card)
    reach.devices.emplace_back(fmt::format("/dev/nvidia{}", card));
}

struct ReachOfTask {
  std::int64_t machine_bytes;

  TaskReach operator()(const InspectTask& task) const {
    TaskReach reach;
    add_source(reach, task.url);
    reach.memory_bytes = limit_of(kLookBytes, machine_bytes);
    reach.cpu_seconds = kLookCpuSeconds;
    return reach;
  }
  TaskReach operator()(const CompareTask& task) const {
    TaskReach reach;
    reach.reads = {task.track, task.reference};
    reach.memory_bytes = limit_of(kLookBytes, machine_bytes);
    reach.cpu_seconds = kLookCpuSeconds;
    return reach;
  }
  TaskReach operator()(const RangeTask& task) const {
    TaskReach reach = reach_of(task.plan, task.output_folder, machine_bytes);
    std::set<std::string> devices{task.plan.decode_device, task.plan.filter_device};
    for (const PlannedRendition& each : task.plan.renditions) devices.insert(each.encode_device);
    add_devices(reach, devices);
    return reach;
  }
  template <class WithPlan>
  TaskReach operator()(const WithPlan& task) const {
    return reach_of(task.plan, task.output_folder, machine_bytes);
  }
};

}  // namespace

TaskReach reach_of(const Task& task, std::int64_t machine_bytes) {
  return std::visit(ReachOfTask{machine_bytes}, task);
}

}  // namespace millrace::engine
