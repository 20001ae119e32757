#include "engine/base/log_tail.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kMostBytes = 1000;

}  // namespace

void LogTail::add(std::string_view line) {
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  const std::lock_guard lock(mutex_);
  lines_.emplace_back(line.substr(0, kMostBytes));
  if (lines_.size() > most_lines_) lines_.pop_front();
}

std::vector<std::string> LogTail::lines() const {
  const std::lock_guard lock(mutex_);
  return {lines_.begin(), lines_.end()};
}

LogTail& log_tail() {
  static LogTail tail(300);
  return tail;
}

}  // namespace millrace::engine
