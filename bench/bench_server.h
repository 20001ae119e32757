// BenchServer: a `millrace serve` of our own on a free loopback port, with its data in a folder of ours.
// Belongs to one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/child_process.h"
#include "bench/http_client.h"
#include "bench/latency.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"

namespace millrace::bench {

// No tokens, sources from the folder `media` only, `jobs` at a time; `more` flags behind these.
Command serve_command(const std::string& millrace, std::uint16_t port, const std::filesystem::path& data,
                      const std::filesystem::path& media, int jobs = 1,
                      const std::vector<std::string>& more = {});

class BenchServer {
 public:
  // Returns once GET /readyz answers 200. The server's log is folder/serve.log, its data folder/data.
  static engine::Result<BenchServer> start(const std::string& millrace, const std::filesystem::path& media,
                                           const std::filesystem::path& folder, const StopFlag& stop,
                                           int jobs = 1, const std::vector<std::string>& more = {});
  BenchServer(BenchServer&&) = default;

  const std::string& url() const { return url_; }
  // SIGINT, and SIGKILL after 15 s; waits for the end. Ok when it ended with code 0 by itself.
  engine::Status stop();
  pid_t pid() const { return process_.pid(); }
  // SIGKILL to the daemon alone, whose workers must see for themselves; waits for its end.
  void kill();

 private:
  BenchServer(ChildProcess process, std::string url) : process_(std::move(process)), url_(std::move(url)) {}
  ChildProcess process_;
  std::string url_;
};

// The latency measurement against a server of our own, with real time.
engine::Result<LatencyFigures> measure_served_latency(const std::string& millrace, const LadderWork& work,
                                                      const std::filesystem::path& folder,
                                                      const StopFlag& stop);

}  // namespace millrace::bench
