// call_worker: one task on one worker, from its first line to its last. The daemon's side of the
// conversation.
#pragma once

#include <chrono>
#include <stop_token>

#include "engine/base/status.h"
#include "engine/pipeline/run_task.h"
#include "engine/work/protocol.h"
#include "engine/work/stop_times.h"
#include "engine/work/worker_process.h"

namespace millrace::engine {

struct TaskOutcome {
  Result<TaskResult> result;
  bool worker_is_well = false;   // it may take another task; else it has ended or must
  bool task_was_started = true;  // false: the worker died before it had the task in hand
};

// Blocking; the observer is called on this thread. After a stop request the worker is asked to end the task;
// without its last line its process group gets SIGTERM and then SIGKILL, at the given times. Until then
// whatever it reports still counts. A request on the observer's enough() is passed on once. device_lost when
// the worker dies (worker_killed: by somebody else's hand) or does not keep to the protocol. A worker that
// gets nothing done for its `patience` is killed with its group, and that is device_lost too.
TaskOutcome call_worker(WorkerProcess& worker, Task task, TaskObserver& observer, std::stop_token stop,
                        std::chrono::milliseconds patience, StopTimes times = {});

}  // namespace millrace::engine
