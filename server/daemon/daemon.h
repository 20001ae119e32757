// The daemon: engine and HTTP server in one process, from its start to its stop by a signal.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace millrace::server {

struct DaemonOptions {
  std::string listen = "127.0.0.1:8080";
  std::filesystem::path data = "./var";
  std::vector<std::filesystem::path> media_roots;
  bool no_auth = false;  // taken only where nobody but this machine can connect
  int max_running_jobs = 2;
  int cores = 0;                  // 0: what the machine gives
  std::filesystem::path program;  // for workers
};

// Prints "listening on http://ADDR" and, at the first start, the token to standard output; runs until SIGINT
// or SIGTERM. A second signal ends the process at once. The exit code: 0 stopped, 1 cannot run (one sentence
// on standard error says why), 2 wrong usage.
int run_daemon(const DaemonOptions& options);

}  // namespace millrace::server
