// Command: a program with its arguments. Plain data and pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::bench {

using Command = std::vector<std::string>;

// The command as a POSIX shell reads it, quoted where it must be.
std::string shell_text(const Command& command);

// The file that a shell would run for this name: the name itself when it has a slash, else the first
// executable in PATH.
engine::Result<std::string> find_program(const std::string& name);

}  // namespace millrace::bench
