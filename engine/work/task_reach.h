// What a task may touch: the files that it names, and nothing beside them. Plain data and a pure function.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "engine/work/protocol.h"

namespace millrace::engine {

struct TaskReach {
  std::vector<std::filesystem::path> reads;   // files, and folders with all below them
  std::vector<std::filesystem::path> writes;  // folders, with all below them; read as well
  // Nodes of GPUs, which are opened, mapped and controlled; what their drivers read besides comes with them.
  std::vector<std::filesystem::path> devices;
  bool network = false;           // a source comes over HTTP
  std::int64_t memory_bytes = 0;  // of data that the process may hold; 0: no limit
  std::int64_t cpu_seconds = 0;   // of all its threads; 0: no limit
};

// `machine_bytes`: memory of the machine or of its cgroup; 0: not known. A URL that names no file of this
// machine gives nothing to read: the task itself says what is wrong with it.
TaskReach reach_of(const Task& task, std::int64_t machine_bytes);

}  // namespace millrace::engine
