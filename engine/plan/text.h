// Numbers of plans as people read them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/rational.h"

namespace millrace::engine {

std::string bit_rate_text(std::int64_t bits_per_second);            // "2.8 Mb/s", "128 kb/s"
std::string size_text(std::int64_t bytes);                          // "25.3 MiB"
std::string rate_text(const Rational& frames_per_second);           // "29.97", "25"
std::string seconds_text(double seconds);                           // "62.32 s", to the millisecond
std::string channels_text(int channels);                            // "mono", "stereo", "5.1"
std::string count_text(std::int64_t count, std::string_view what);  // "1 thread", "2 threads"

}  // namespace millrace::engine
