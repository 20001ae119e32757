// How many bytes a job will write, and hold in memory. Pure.
#pragma once

#include <cstdint>

#include "engine/plan/plan.h"

namespace millrace::engine {

// Every segment once, every file that is joined from segments again, and what is made alone; `seconds` is how
// long the job's media is. 0 where that is not known.
std::int64_t estimate_bytes(const Plan& plan, double seconds);

// What a job's workers hold in memory together at their most, in bytes; rather too much than too little.
std::int64_t estimate_memory(const Plan& plan);
// Of that one range, as many of which are made at once as the plan says; 0 where it has no rendition.
std::int64_t estimate_range_memory(const Plan& plan);

}  // namespace millrace::engine
