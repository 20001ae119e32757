// How a worker ends that gets no more memory, and how its pool knows that it did. Safe from any thread.
#pragma once

#include <string_view>

namespace millrace::engine {

// The exit code of a worker that got no more memory; no other of its ends has it.
inline constexpr int kOutOfMemoryExit = 112;

// Installs, for the life of this process, what std::terminate() calls: where nobody catches that memory
// (std::bad_alloc) or room for a thread is lacking, the process says how much it may hold, by its own limit
// (RLIMIT_DATA), and exits with kOutOfMemoryExit. Any other end is what it was: SIGABRT.
void exit_when_out_of_memory();

// What people can do about a task that needs more memory than there is.
inline constexpr std::string_view kMemoryAdvice =
    "give the machine (or its container) more memory, let fewer jobs run at once (serve --max-running-jobs), "
    "or ask for fewer or smaller renditions";

}  // namespace millrace::engine
