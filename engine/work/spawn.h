// Starts one worker process: fork, exec, and what must be settled between the two. Safe to call from any
// thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/unique_fd.h"

namespace millrace::engine {

struct Spawned {
  pid_t pid = -1;
  UniqueFd socket;  // our end, non-blocking
  UniqueFd errors;  // reads the child's standard output and error, non-blocking
};

// Runs `program worker --fd N` and `more` arguments: a process group of its own, killed when the calling
// thread ends, default signals, no descriptor of ours but its end of the socket. The failure of exec comes
// back as a Status that names the program.
Result<Spawned> spawn_worker(const std::filesystem::path& program, std::vector<std::string> more = {});

}  // namespace millrace::engine
