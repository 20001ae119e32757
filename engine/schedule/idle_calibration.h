// IdleCalibration calibrates in the background, once the machine has had nothing to do for a while; a job
// that comes meanwhile ends it, and it is tried again when that is over. Safe to call from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "engine/base/status.h"

namespace millrace::engine {

struct IdleCalibrationParts {
  std::function<bool()> is_idle;                          // nothing runs
  std::function<Status(std::stop_token stop)> calibrate;  // cancelled after a stop
  std::chrono::milliseconds after{60'000};                // of idleness
  std::chrono::milliseconds between_looks{1'000};
};

class IdleCalibration {
 public:
  explicit IdleCalibration(IdleCalibrationParts parts) : parts_(std::move(parts)) {}

  void start();
  // Gives up what is under way, and waits for its end. Nothing is begun afterwards.
  void stop() { keeper_ = {}; }

  // A job starts: what is under way is given up.
  void yield();

 private:
  void keep(const std::stop_token& stop);
  bool tried(const std::stop_token& stop);  // false: it was cut off

  const IdleCalibrationParts parts_;
  std::mutex mutex_;  // of the next two
  std::stop_source under_way_{std::nostopstate};
  std::chrono::steady_clock::time_point idle_since_;
  std::jthread keeper_;
};

}  // namespace millrace::engine
