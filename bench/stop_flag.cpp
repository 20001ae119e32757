#include "bench/stop_flag.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdint>

namespace millrace::bench {
namespace {

std::atomic<int> signal_event{-1};

void write_event(int fd) {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
}

void on_signal(int) {
  const int before = errno;
  write_event(signal_event.load());
  errno = before;
}

}  // namespace

StopFlag::StopFlag() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { assert(event_.valid()); }

void StopFlag::request() { write_event(event_.get()); }

bool StopFlag::requested() const {
  pollfd waited{event_.get(), POLLIN, 0};
  return ::poll(&waited, 1, 0) > 0;
}

void StopFlag::wait(std::chrono::milliseconds time) const {
  pollfd waited{event_.get(), POLLIN, 0};
  ::poll(&waited, 1, static_cast<int>(time.count()));
}

StopOnSignals::StopOnSignals(StopFlag& flag) {
  signal_event = flag.fd();
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, &interrupt_);
  ::sigaction(SIGTERM, &action, &terminate_);
}

StopOnSignals::~StopOnSignals() {
  ::sigaction(SIGINT, &interrupt_, nullptr);
  ::sigaction(SIGTERM, &terminate_, nullptr);
  signal_event = -1;
}

}  // namespace millrace::bench
