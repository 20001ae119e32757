// What a machine carries of each profile, as GET /v1/capacity and `millrace probe` tell it. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/base/status.h"
#include "engine/plan/cost.h"
#include "engine/plan/source.h"
#include "hw/inventory.h"
#include "hw/slots.h"

namespace millrace::engine {

struct MachineState {
  const hw::Inventory& machine;
  CostModel model;
  hw::Budget budget;              // for all jobs
  hw::Demand in_use = {};         // of it, by what does not make room
  double next_free_seconds = -1;  // until a running job ends; below 0: none runs, or it is not known
};

// {"budget": {...}, "in_use": {...}, "profiles": [{"profile", "text", "demand": {...},
// "disk_bytes_per_second",
//  "slots", "limited_by", "free_slots", "free_limited_by", "next_free_seconds" (null: not known; 0: now)}]}
// A profile that the machine cannot run has no slots and the "reason". An empty name: all profiles. Slots are
// streams that keep pace with a nominal_source(). invalid_argument names the profiles there are.
Result<nlohmann::ordered_json> capacity_report(const MachineState& state, const std::string& profile);

// What a job that keeps pace needs of the cores before its source was looked at, in thousandths: as of a
// nominal_source() that is high enough for its renditions.
std::int64_t millicores_of(const JobSpec& spec, const hw::Inventory& machine, const CostModel& model);

}  // namespace millrace::engine
