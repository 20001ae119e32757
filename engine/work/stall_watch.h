// StallWatch tells a worker that is stuck from one that is slow: by what it has done, not by whether it
// answers. Time is handed in; not thread safe.
#pragma once

#include <chrono>
#include <cstdint>

namespace millrace::engine {

class StallWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `patience`: how long a worker may do nothing.
  StallWatch(std::chrono::milliseconds patience, Time now) : patience_(patience), since_(now) {}

  // What the worker says that it has done in all; it got on when that is more than ever before.
  void done(std::int64_t work, Time now);
  // It got on in a way that is known without its word: it took the task, finished a segment, or had to wait
  // for us.
  void got_on(Time now) { since_ = now; }

  // From then on it is stuck, unless it gets on before.
  Time deadline() const { return since_ + patience_; }
  bool stuck(Time now) const { return now >= deadline(); }
  std::chrono::seconds idle(Time now) const {
    return std::chrono::duration_cast<std::chrono::seconds>(now - since_);
  }

 private:
  const std::chrono::milliseconds patience_;
  Time since_;
  std::int64_t most_ = 0;
};

}  // namespace millrace::engine
