// How much media work this process has done so far: a number that stands still tells a process that is stuck
// from one that is slow. Of the whole process, as its CPU time is: any stage may be the one that hangs. Safe
// to call from any thread.
#pragma once

#include <cstdint>

namespace millrace::engine {

// Something came out of a library: a packet that was read or encoded, a frame that was decoded or filtered.
// Not for what was merely tried: a loop over failures is no work.
void note_work();

// How often that was since the process began. Never less than before.
std::int64_t work_done();

}  // namespace millrace::engine
