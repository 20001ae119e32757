// A file that is joined from finished segments, without another encode. Blocking; safe to call from any
// thread.
#pragma once

#include <stop_token>

#include "engine/pipeline/run_task.h"

namespace millrace::engine {

// As run_output(), of a file output that uses renditions or sounds of the plan. A sound without any segment
// is left out.
Result<TaskEnd> run_join(const OutputTask& task, TaskObserver& observer, std::stop_token stop);

}  // namespace millrace::engine
