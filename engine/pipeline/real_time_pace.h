// RealTimePace says how long a task that reads pictures no faster than they play has to wait. Pure; one
// thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "engine/plan/segment_clock.h"

namespace millrace::engine {

class RealTimePace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `begin`: when the picture at `start_ticks` of the job's clock is due.
  RealTimePace(Time begin, std::int64_t start_ticks) : begin_(begin), start_ticks_(start_ticks) {}

  // Before the picture after the one at `ticks` is read. 0 for a task that is behind: it reads on until it is
  // not. Never more than 100 ms, so that who waits hears of a stop; not over, then, but to be asked again.
  std::chrono::nanoseconds wait(std::int64_t ticks, Time now) const {
    const std::chrono::duration<double> played(static_cast<double>(ticks - start_ticks_) / kTicksPerSecond);
    const auto ahead = std::chrono::duration_cast<std::chrono::nanoseconds>(begin_ + played - now);
    return std::clamp<std::chrono::nanoseconds>(ahead, std::chrono::nanoseconds(0), kMostWait);
  }

 private:
  static constexpr std::chrono::milliseconds kMostWait{100};
  const Time begin_;
  const std::int64_t start_ticks_;
};

}  // namespace millrace::engine
