#include "bench/orphans.h"

#include <csignal>

namespace millrace::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kLookEvery{10};

}  // namespace

ProcessMarks marks_of(const ProcessTree& tree, const std::vector<pid_t>& processes) {
  ProcessMarks marks;
  for (const pid_t process : processes)
    if (const auto start = tree.start_of(process)) marks[process] = *start;
  return marks;
}

int end_orphans(const ProcessTree& tree, const ProcessMarks& marks, const StopFlag& stop) {
  const auto begin = Clock::now();
  const auto left = [&] {
    std::vector<pid_t> alive;
    for (const auto& [process, start] : marks)
      if (tree.start_of(process) == start) alive.push_back(process);
    return alive;
  };
  while (!left().empty() && Clock::now() - begin < kPatience) stop.wait(kLookEvery);
  int orphans = 0;
  for (const pid_t orphan : left()) {
    ++orphans;
    ::kill(orphan, SIGKILL);
  }
  return orphans;
}

}  // namespace millrace::bench
