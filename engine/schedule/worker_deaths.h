// WorkerDeaths decides whether a task whose worker died goes to another one. One object for one task; one
// thread.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

class WorkerDeaths {
 public:
  // `reached`: what the task had before its first worker, in segments.
  explicit WorkerDeaths(std::int64_t reached = 0) : furthest_(reached) {}

  // True when the failure is a lost worker, but not the third in a row without getting further than any
  // before, and nobody asked for a stop. Says in the log that `what` ("the range") goes to another worker.
  bool another(const Status& failure, std::int64_t reached, const std::stop_token& stop,
               std::string_view what);

 private:
  std::int64_t furthest_;
  int in_a_row_ = 0;
};

}  // namespace millrace::engine
