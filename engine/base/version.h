// The program's version, for receipts, health and --version.
#pragma once

#include <string_view>

namespace millrace::engine {

std::string_view version();

}  // namespace millrace::engine
