// The worker's side of the conversation where tasks are confined: a process that stays warm and forks a child
// for each task.
#pragma once

#include <cstdint>

#include "engine/base/status.h"
#include "engine/base/unique_fd.h"
#include "engine/work/worker.h"
#include "hw/inventory.h"

namespace millrace::engine {

struct Confinement {
  hw::ConfinementFacts offered;
  std::int64_t machine_bytes = 0;  // memory of the machine or its cgroup; 0: not known
};

// Says "ready", then forks for each task a child that confines itself to what the task names, serves that one
// task through serve_tasks() and ends. Passes lines on between the two and knows nothing of media. Until the
// other end closes. Call while the process has one thread: a child has no other than the one that forked it.
//
// A child that dies takes this process along in the same way (signal or exit code), so that the pool hears of
// it as of any worker's death. internal when the other end does not keep to the protocol.
Status serve_forked_tasks(UniqueFd socket, const TaskFunctions& functions, const Confinement& confinement);

}  // namespace millrace::engine
