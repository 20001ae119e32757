// TaskMeter: what this process spent since the meter was made. Safe to call from any thread.
#pragma once

#include <cstdint>

namespace millrace::engine {

class TaskMeter {
 public:
  TaskMeter();
  double cpu_seconds() const;               // of all threads, user and system
  static std::int64_t peak_memory_bytes();  // of the process since its start

 private:
  double start_;
};

}  // namespace millrace::engine
