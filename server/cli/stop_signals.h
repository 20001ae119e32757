// StopSignals turns SIGINT and SIGTERM into a stop request. Make one in the main thread before any other
// thread starts.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

#include "engine/base/unique_fd.h"

namespace millrace::server {

class StopSignals {
 public:
  // Signals that were ignored (nohup, a shell's background jobs) stay ignored, but for SIGTERM.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  sigset_t before_;
  engine::UniqueFd signals_;
  engine::UniqueFd end_;
  std::jthread listener_;
};

}  // namespace millrace::server
