// The command line: reads it, runs the command, gives the exit code.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "server/cli/console.h"

namespace millrace::server {

// `arguments` without the program's name; `program` is run for workers.
int run_command_line(const std::vector<std::string>& arguments, const std::filesystem::path& program,
                     Console& console);

}  // namespace millrace::server
