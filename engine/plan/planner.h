// The planner: source + spec + inventory -> plan. Pure.
#pragma once

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/plan/placement.h"
#include "engine/plan/plan.h"
#include "engine/plan/source.h"
#include "hw/inventory.h"

namespace millrace::engine {

// `cores` is how many CPU cores the job may use, at least 1. unsupported or invalid_argument, with the field,
// for what the source or this machine cannot give ("outputs[0].ladder: 1080p: the source is 1280x720; remove
// it").
// `devices`: what may carry stages beside the CPU, and what is known of it.
Result<Plan> make_plan(const Source& source, const JobSpec& spec, const hw::Inventory& machine, int cores,
                       const DeviceChoices& devices = {});

}  // namespace millrace::engine
