// StopFlag: a request to stop that poll() can wait for. request() may be called from any thread and from a
// signal handler.
#pragma once

#include <chrono>
#include <csignal>

#include "engine/base/unique_fd.h"

namespace millrace::bench {

class StopFlag {
 public:
  StopFlag();
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;

  void request();
  bool requested() const;
  // Readable once a stop was requested, for good.
  int fd() const { return event_.get(); }
  // Waits that long, or until a stop is requested.
  void wait(std::chrono::milliseconds time) const;

 private:
  engine::UniqueFd event_;
};

// While it lives, SIGINT and SIGTERM request the stop. One at a time.
class StopOnSignals {
 public:
  explicit StopOnSignals(StopFlag& flag);
  ~StopOnSignals();
  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

}  // namespace millrace::bench
