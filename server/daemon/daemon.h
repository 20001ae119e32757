// The daemon: engine and HTTP server in one process, from its start to its stop by a signal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace millrace::server {

struct DaemonOptions {
  std::string listen = "127.0.0.1:8080";
  std::filesystem::path data = "./var";
  std::vector<std::filesystem::path> media_roots;
  std::vector<std::string> allowed_sources;
  bool no_auth = false;  // taken only where nobody but this machine can connect
  int max_running_jobs = 2;
  int cores = 0;                          // 0: what the machine gives
  std::int64_t keep_free_megabytes = -1;  // of the data folder's disk, for the store; below 0: by its size
  int calibrate_after = 60;               // seconds without work; -1: never
  int patience = 30;                      // seconds, with a worker that gets nothing done
  std::filesystem::path program;          // for workers
};

// Prints "listening on http://ADDR" and, at the first start, the token to standard output; runs until SIGINT
// or SIGTERM. A second signal ends the process at once. The exit code: 0 stopped, 1 cannot run (one sentence
// on standard error says why), 2 wrong usage.
int run_daemon(const DaemonOptions& options);

}  // namespace millrace::server
