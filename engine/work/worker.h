// The worker's side of the conversation, with the media work handed in: tasks come over a socket, one at a
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/base/unique_fd.h"
#include "engine/pipeline/run_task.h"
#include "engine/plan/source.h"
#include "engine/work/protocol.h"

namespace millrace::engine {

// What a worker can do. run_worker() hands in the pipeline, tests what they need.
struct TaskFunctions {
  std::function<Result<Source>(const InspectTask& task, std::stop_token stop)> inspect;
  std::function<Result<TaskEnd>(const RangeTask& task, TaskObserver& observer, std::stop_token stop)>
      run_range;
  std::function<Result<TaskEnd>(const SoundTask& task, TaskObserver& observer, std::stop_token stop)>
      run_sound;
  std::function<Result<TaskEnd>(const OutputTask& task, TaskObserver& observer, std::stop_token stop)>
      run_output;
  std::function<Result<TaskEnd>(const FilmTask& task, std::stop_token stop)> run_film;
  std::function<Result<Likeness>(const CompareTask& task, std::stop_token stop)> compare;
  // What the process has done so far, as work_done(); called from a thread of its own. Empty: nothing is
  // told.
  std::function<std::int64_t()> work_done = {};
};

// Says "ready", then runs tasks on the calling thread until the other end closes; a thread beside it hears
// cancellations and answers, another tells of work that was done. A closed socket stops the task at hand.
// internal when the other end does not keep to the protocol.
Status serve_tasks(UniqueFd socket, const TaskFunctions& functions);

}  // namespace millrace::engine
