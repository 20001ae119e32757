// Ulids: 26-character names that sort by the time they were made (github.com/ulid/spec). Safe to call from
// any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::engine {

// A name for now. Two calls in one process give names in their order, also within one millisecond.
std::string new_ulid();

// The name with the given time and ten random bytes as they stand, for tests and key ranges.
std::string ulid_at(std::chrono::system_clock::time_point time, std::string_view ten_bytes);

// The time in a name, milliseconds since 1970 UTC; 0 of what is no name.
std::int64_t time_of_ulid(std::string_view text);

// 26 characters of Crockford's base 32, the first at most '7'.
bool is_ulid(std::string_view text);

}  // namespace millrace::engine
