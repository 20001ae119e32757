// The worker process: reads tasks from a socket, one JSON message a line, and runs them one by one until it
// closes.
#pragma once

#include <string>
#include <vector>

namespace millrace::engine {

// `fd` is the worker's end of a socket pair; `allowed_sources` as WorkerPoolConfig has them. Returns the
// process's exit code.
int run_worker(int fd, const std::vector<std::string>& allowed_sources);

}  // namespace millrace::engine
