// millrace: the one program, as a command, a daemon or a worker.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "server/cli/cli.h"

int main(int count, char** arguments) {
  millrace::engine::init_log("millrace");
  std::error_code error;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) program = arguments[0];
  millrace::server::Console console{std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
  return millrace::server::run_command_line(std::vector<std::string>(arguments + 1, arguments + count),
                                            program, console);
}
