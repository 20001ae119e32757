// Numbers of plans as people read them. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/rational.h"

namespace millrace::engine {

std::string bit_rate_text(std::int64_t bits_per_second);   // "2.8 Mb/s", "128 kb/s"
std::string size_text(std::int64_t bytes);                 // "25.3 MiB"
std::string rate_text(const Rational& frames_per_second);  // "29.97", "25"

}  // namespace millrace::engine
