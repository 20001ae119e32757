// The worker process: reads tasks from a socket, one JSON message a line, and runs them one by one until it
// closes.
#pragma once

namespace millrace::engine {

// `fd` is the worker's end of a socket pair. Returns the process's exit code.
int run_worker(int fd);

}  // namespace millrace::engine
