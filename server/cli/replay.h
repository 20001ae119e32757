// `millrace replay BUNDLE`: runs a failed job again, from what its failure bundle holds.
#pragma once

#include <filesystem>
#include <string>

#include "server/cli/console.h"

namespace millrace::server {

struct ReplayOptions {
  std::filesystem::path bundle;
  std::string source;  // instead of the bundle's; empty: what the bundle holds, else what its spec names
  std::filesystem::path
      shrink;  // a bundle to write, with as little of the source as still fails; empty: none
  std::filesystem::path program;  // for workers
  bool verbose = false;           // what workers write to standard error is shown
};

// Blocking; stops at SIGINT and SIGTERM. The exit code: done when the job completes now, else the failure's.
// What the job makes is thrown away.
int run_replay(const ReplayOptions& options, Console& console);

}  // namespace millrace::server
