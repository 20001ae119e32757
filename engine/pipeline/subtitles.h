// One text track of a plan as WebVTT: FOLDER/subtitles.vtt. Blocking; run_output() calls it.
#pragma once

#include <stop_token>

#include "engine/base/status.h"
#include "engine/pipeline/run_task.h"

namespace millrace::engine {

// The task's output lies past plan.outputs: it counts plan.subtitles from there. A track without a cue gives
// a valid file without one. Failures as read_text_stream() and read_text_file() have them.
Result<TaskEnd> run_subtitles(const OutputTask& task, TaskObserver& observer, std::stop_token stop);

}  // namespace millrace::engine
