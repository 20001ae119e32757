// Where transport streams were put one behind the other, their packet counters break, which looks like a
// loss. joined_between tells the two apart. Reads the file; no state.
#pragma once

#include <cstdint>
#include <string>

namespace millrace::engine {

// True when every break in the counter of `pid` between two places of the file lies at the beginning of a
// coded picture or sound (a PES packet), and no packet there says that it is in error: what was begun before
// is whole as far as a counter can tell. False also for what is no transport stream, and for more than 64 MB.
// ISO/IEC 13818-1 §2.4.3.3.
bool joined_between(const std::string& path, std::int64_t from, std::int64_t to, int pid);

}  // namespace millrace::engine
