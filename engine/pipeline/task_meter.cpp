#include "engine/pipeline/task_meter.h"

#include <sys/resource.h>

namespace millrace::engine {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds_so_far() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

TaskMeter::TaskMeter() : start_(cpu_seconds_so_far()) {}

double TaskMeter::cpu_seconds() const { return cpu_seconds_so_far() - start_; }

std::int64_t TaskMeter::peak_memory_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace millrace::engine
