// Thumbnails and sprites of a plan, made straight from the source. Blocking; run_output() calls it.
#pragma once

#include <cstdint>
#include <stop_token>

#include "engine/base/status.h"
#include "engine/pipeline/run_task.h"

namespace millrace::engine {

// The task's output is of type thumbnails or sprites. Files are told as soon as they are whole, in any order.
// invalid_argument for a time past the end of the source (where damage is accepted, it is told as lost
// instead); else as run_range.
Result<TaskEnd> run_stills(const OutputTask& task, TaskObserver& observer, std::stop_token stop);

// How many places of the source are decoded at once: as many as there are threads, while each has several
// stills to make and its decoder's pictures fit in memory. Pure.
int still_roads(int threads, std::int64_t stills, std::int64_t pixels_per_picture);

}  // namespace millrace::engine
