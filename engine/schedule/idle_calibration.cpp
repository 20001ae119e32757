#include "engine/schedule/idle_calibration.h"

#include "engine/base/log.h"
#include "engine/schedule/task_retries.h"

namespace millrace::engine {

using Clock = std::chrono::steady_clock;

void IdleCalibration::start() {
  yield();
  keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
}

void IdleCalibration::yield() {
  const std::lock_guard lock(mutex_);
  idle_since_ = Clock::now();
  if (under_way_.stop_possible()) under_way_.request_stop();
}

void IdleCalibration::keep(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!parts_.is_idle())
      yield();
    else if (tried(stop))
      return;
    wait_or_stop(parts_.between_looks, stop);
  }
}

bool IdleCalibration::tried(const std::stop_token& stop) {
  std::stop_source mine;
  {
    const std::lock_guard lock(mutex_);
    if (Clock::now() - idle_since_ < parts_.after) return false;
    under_way_ = mine;
  }
  const std::stop_callback on_stop(stop, [&mine] { mine.request_stop(); });
  const Status status = parts_.calibrate(mine.get_token());
  if (mine.stop_requested()) return false;
  if (!status.ok()) spdlog::warn("this machine is not calibrated: {}", status.message());
  return true;
}

}  // namespace millrace::engine
