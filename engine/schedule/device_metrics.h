// What operators watch of this machine's devices. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/plan/stage.h"
#include "engine/schedule/metric.h"
#include "engine/schedule/step_down_count.h"
#include "hw/inventory.h"

namespace millrace::engine {

// millrace_device_info, always 1, says which card "cuda:0" is. millrace_device_paths_quarantined has every
// device and stage, 0 too, so that an alert sees it rise. millrace_steps_down_total has what happened.
std::vector<Metric> device_metrics(const hw::Inventory& machine, const std::vector<StageFailure>& failures,
                                   const std::map<StepDown, std::int64_t>& steps_down);

}  // namespace millrace::engine
