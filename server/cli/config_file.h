// A file with flags for a command, a line each: `listen = 0.0.0.0:8080`. Blank lines and those that begin
// with # are passed over; a flag that may stand more than once may have a line for each time, or a list:
// ["a", "b"]. What stands after the = is taken as it is, but for the quotes of a text in quotes.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/base/status.h"

namespace millrace::server {

// Gives the command's options what the file says of them, but for those that the command line has set. An
// empty name is a success. invalid_argument names the file and what is wrong in it; flags that the command
// does not have are.
engine::Status read_config(CLI::App& command, const std::string& file);

}  // namespace millrace::server
