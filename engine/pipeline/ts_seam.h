// Where transport streams were put one behind the other, their packet counters break, which looks like a
// loss. joined_between tells the two apart. Reads the file; no state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::engine {

// True when every break in the counter of `pid` between two places of the file lies at the beginning of a
// coded picture or sound (a PES packet), and no packet there says that it is in error: what was begun before
// is whole as far as a counter can tell. False also for what is no transport stream, and for more than 64 MB.
// ISO/IEC 13818-1 §2.4.3.3.
bool joined_between(const std::string& path, std::int64_t from, std::int64_t to, int pid);
// The same for bytes in memory.
bool joined(const std::vector<std::uint8_t>& bytes, int pid);

// True when packets of `pid` are missing there although it goes on: its counter breaks within a coded picture
// or sound, or before one while the counters of other streams go on (at a seam all of them begin anew). For
// places where time has a gap; a stream that pauses has no break. False where it cannot be told.
bool lost_between(const std::string& path, std::int64_t from, std::int64_t to, int pid);
bool lost(const std::vector<std::uint8_t>& bytes, int pid);

}  // namespace millrace::engine
