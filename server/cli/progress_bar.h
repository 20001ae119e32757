// ProgressBar: one line on a terminal that says how far a job is. progress_line() is pure; a bar belongs to
// one thread at a time.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include "engine/job/job.h"

namespace millrace::server {

// "processing  42 % [########            ]  1.8x  1:23 left", at most `width` columns. Speed and time are
// left out while they are not known.
std::string progress_line(const engine::Progress& progress, int width);

// "1:23", "2:00:07".
std::string clock_text(double seconds);

class ProgressBar {
 public:
  explicit ProgressBar(std::ostream& terminal) : terminal_(terminal) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Each phase at once, else ten times a second at most.
  void show(const engine::Progress& progress);
  // Takes the line away, for other words.
  void clear();

 private:
  std::ostream& terminal_;
  std::chrono::steady_clock::time_point last_{};
  engine::Phase phase_ = engine::Phase::checking;
  bool drawn_ = false;
};

}  // namespace millrace::server
