// A file that is made in one go from the source: Ogg with pictures, sound alone, and what is copied.
// Blocking; safe to call from any thread.
#pragma once

#include <stop_token>

#include "engine/pipeline/run_task.h"

namespace millrace::engine {

// As run_output(), of an output whose plan says `in_one_go`.
Result<TaskEnd> run_one_go(const OutputTask& task, TaskObserver& observer, std::stop_token stop);

}  // namespace millrace::engine
