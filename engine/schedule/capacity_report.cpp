#include "engine/schedule/capacity_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

#include "engine/job/profiles.h"
#include "engine/plan/capacity.h"
#include "engine/plan/planner.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kCore = 1'000;  // millicores

ordered_json json_of(const hw::Resources& amounts) {
  ordered_json json = ordered_json::object();
  json["millicores"] = amounts.millicores;
  json["memory_bytes"] = amounts.memory_bytes;
  json["gpu_decode"] = amounts.gpu_decode;
  json["gpu_encode"] = amounts.gpu_encode;
  json["gpu_compute"] = amounts.gpu_compute;
  json["gpu_memory_bytes"] = amounts.gpu_memory_bytes;
  return json;
}

hw::Budget left_of(const MachineState& state) {
  hw::Budget left = state.budget;
  for (const hw::Resource& each : hw::kResources)
    left.*each.amount = std::max<std::int64_t>(left.*each.amount - state.in_use.*each.amount, 0);
  return left;
}

int highest_of(const JobSpec& spec) {
  int highest = 0;
  for (const Output& output : spec.outputs) {
    if (const auto* adaptive = std::get_if<AdaptiveOutput>(&output))
      for (const Rung& rung : adaptive->ladder) highest = std::max(highest, rung.height);
    if (const auto* file = std::get_if<FileOutput>(&output))
      highest = std::max(highest, file->height.value_or(0));
  }
  return highest;
}

Result<Plan> nominal_plan(const JobSpec& spec, const hw::Inventory& machine) {
  Source source = nominal_source();
  VideoTrack& video = source.video.front();
  if (const int height = highest_of(spec); height > video.height) {
    video.width = (height * 16 / 9 + 1) / 2 * 2;
    video.height = height;
  }
  Result<Plan> plan = make_plan(source, spec, machine, std::max(machine.cpu.usable_cores, 1));
  if (plan.ok()) plan->ranges_at_once = 1;  // what keeps pace takes no more
  return plan;
}

ordered_json profile_json(const Profile& profile, const Result<Plan>& plan, const MachineState& state) {
  ordered_json json = {{"profile", profile.name}, {"text", profile.text}};
  if (!plan.ok()) {
    json.update({{"slots", 0}, {"free_slots", 0}, {"next_free_seconds", nullptr}});
    json["reason"] = plan.status().message();
    return json;
  }
  const Capacity whole = capacity_of(*plan, state.model, state.budget);
  const Capacity now = capacity_of(*plan, state.model, left_of(state));
  json["demand"] = json_of(whole.demand);
  json["disk_bytes_per_second"] = whole.disk_bytes_per_second;
  json["slots"] = whole.slots.sessions;
  json["limited_by"] = hw::to_string(whole.slots.limited_by);
  json["free_slots"] = now.slots.sessions;
  json["free_limited_by"] = hw::to_string(now.slots.limited_by);
  json["next_free_seconds"] = nullptr;
  if (now.slots.sessions > 0)
    json["next_free_seconds"] = 0;
  else if (whole.slots.sessions > 0 && state.next_free_seconds >= 0)
    json["next_free_seconds"] = state.next_free_seconds;
  return json;
}

}  // namespace

Result<ordered_json> capacity_report(const MachineState& state, const std::string& profile) {
  ordered_json list = ordered_json::array();
  const std::string input = nominal_source().url;
  if (!profile.empty())
    if (const auto known = profile_spec(profile, input); !known.ok()) return known.status();
  for (const Profile& each : profiles()) {
    if (!profile.empty() && each.name != profile) continue;
    const Result<JobSpec> spec = profile_spec(each.name, input);
    if (!spec.ok()) return spec.status();
    list.push_back(profile_json(each, nominal_plan(*spec, state.machine), state));
  }
  ordered_json report = {{"budget", json_of(state.budget)}, {"in_use", json_of(state.in_use)}};
  report["profiles"] = std::move(list);
  return report;
}

std::int64_t millicores_of(const JobSpec& spec, const hw::Inventory& machine, const CostModel& model) {
  const Result<Plan> plan = nominal_plan(spec, machine);
  return plan.ok() ? demand_of(*plan, model).millicores : kCore;
}

}  // namespace millrace::engine
