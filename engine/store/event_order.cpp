#include "engine/store/event_order.h"

#include <utility>

namespace millrace::engine {

void EventOrder::start_after(std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  taken_ = settled_ = told_ = last;
}

std::uint64_t EventOrder::take() {
  const std::lock_guard lock(mutex_);
  return ++taken_;
}

void EventOrder::finish(std::uint64_t number, std::optional<Event> event) {
  std::unique_lock lock(mutex_);
  finished_.emplace(number, std::move(event));
  changed_.notify_all();
  while (told_ < number) {
    const auto next = finished_.begin();
    if (telling_ || next->first != told_ + 1) {
      changed_.wait(lock);
      continue;
    }
    const std::optional<Event> due = std::move(next->second);
    finished_.erase(next);
    settled_ = told_ + 1;
    if (due && listener_) {
      telling_ = true;
      lock.unlock();
      listener_(*due);
      lock.lock();
      telling_ = false;
    }
    ++told_;
    changed_.notify_all();
  }
}

std::uint64_t EventOrder::settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

void EventOrder::set_listener(std::function<void(const Event&)> listener) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !telling_; });
  listener_ = std::move(listener);
}

}  // namespace millrace::engine
