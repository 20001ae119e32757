// LogTail: the last lines of a log. Safe to call from any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::engine {

class LogTail {
 public:
  explicit LogTail(std::size_t most_lines) : most_lines_(most_lines) {}

  // One line, with or without its newline; what is past 1,000 bytes of it is left out.
  void add(std::string_view line);
  // Oldest first.
  std::vector<std::string> lines() const;

 private:
  const std::size_t most_lines_;
  mutable std::mutex mutex_;
  std::deque<std::string> lines_;
};

// Of this process: what init_log()'s logger wrote, and what workers wrote to their standard error. 300 lines.
LogTail& log_tail();

}  // namespace millrace::engine
