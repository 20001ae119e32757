#include "server/cli/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace millrace::server {
namespace {

constexpr int kWidestBar = 40;

int terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(std::clamp(seconds, 0.0, 1e9)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string progress_line(const engine::Progress& progress, int width) {
  const double done = std::isfinite(progress.done) ? std::clamp(progress.done, 0.0, 1.0) : 0.0;
  const std::string head =
      fmt::format("{:<10} {:3} %", name_of(progress.phase), static_cast<int>(done * 100));
  std::string tail;
  if (progress.speed > 0) tail += fmt::format("  {:.1f}x", progress.speed);
  if (progress.eta_seconds >= 0) tail += fmt::format("  {} left", clock_text(progress.eta_seconds));
  const int room = std::min(width - static_cast<int>(head.size() + tail.size()) - 3, kWidestBar);
  std::string line = head;
  if (room >= 5) {
    const int filled = static_cast<int>(done * room);
    line += fmt::format(" [{}{}]", std::string(static_cast<std::size_t>(filled), '#'),
                        std::string(static_cast<std::size_t>(room - filled), ' '));
  }
  line += tail;
  return line.substr(0, static_cast<std::size_t>(std::max(width, 0)));
}

void ProgressBar::show(const engine::Progress& progress) {
  const auto now = std::chrono::steady_clock::now();
  const bool enters = !drawn_ || progress.phase != phase_;
  if (!enters && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  phase_ = progress.phase;
  drawn_ = true;
  terminal_ << '\r' << progress_line(progress, terminal_width() - 1) << "\x1b[K" << std::flush;
}

void ProgressBar::clear() {
  if (drawn_) terminal_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace millrace::server
