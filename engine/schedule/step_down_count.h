// StepDownCount counts how often tasks went on more carefully, since the daemon started. Safe to call from
// any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "engine/base/status.h"

namespace millrace::engine {

// Stage and device are empty where nobody knows which failed: a worker died.
struct StepDown {
  std::string stage;
  std::string device;  // as plans name it
  Code code = Code::internal;
  bool of_source = false;  // is_of_source() of the failure
  auto operator<=>(const StepDown&) const = default;
};

class StepDownCount {
 public:
  void note(const StepDown& step) {
    const std::lock_guard lock(mutex_);
    ++counted_[step];
  }
  std::map<StepDown, std::int64_t> counted() const {
    const std::lock_guard lock(mutex_);
    return counted_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<StepDown, std::int64_t> counted_;
};

}  // namespace millrace::engine
