// How many real-time streams of a plan a machine carries. Pure.
#pragma once

#include <cstdint>

#include "engine/plan/cost.h"
#include "engine/plan/plan.h"
#include "engine/plan/source.h"
#include "hw/slots.h"

namespace millrace::engine {

// What a stream holds that takes so many cores on average, so that it keeps pace with its media: an eighth of
// what it holds is spare. Encoders want more at times, and where more than that is busy segments come late.
std::int64_t live_millicores(double cores);

struct Capacity {
  double cores = 0;                        // that one stream takes on average
  hw::Demand demand;                       // what it holds, so that it keeps pace
  std::int64_t disk_bytes_per_second = 0;  // that it writes
  // A stream that wants more cores than there are never keeps pace: none fits then.
  hw::Slots slots;
};

hw::Demand demand_of(const Plan& plan, const CostModel& model);
Capacity capacity_of(const Plan& plan, const CostModel& model, const hw::Budget& budget);

// What a profile is planned on where no source is named: 1920x1080 at 25 frames per second, H.264, with
// stereo AAC at 48 kHz, a minute long.
Source nominal_source();

}  // namespace millrace::engine
