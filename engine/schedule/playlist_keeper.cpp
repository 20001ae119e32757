#include "engine/schedule/playlist_keeper.h"

#include <utility>

namespace millrace::engine {

PlaylistKeeper::PlaylistKeeper(std::chrono::milliseconds between, std::function<Status()> write,
                               std::function<void(const Status&)> failed)
    : between_(between), write_(std::move(write)), failed_(std::move(failed)), thread_([this] { keep(); }) {}

PlaylistKeeper::~PlaylistKeeper() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  news_.notify_all();
  thread_.join();
}

void PlaylistKeeper::changed(bool urgent) {
  {
    const std::lock_guard lock(mutex_);
    changed_ = true;
    urgent_ = urgent_ || urgent;
  }
  news_.notify_all();
}

void PlaylistKeeper::keep() {
  auto next = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (true) {
    news_.wait(lock, [this] { return ended_ || changed_; });
    news_.wait_until(lock, next, [this] { return ended_ || urgent_; });
    if (ended_) return;
    changed_ = urgent_ = false;
    lock.unlock();
    const Status status = write_();
    if (!status.ok()) {
      failed_(status);
      return;
    }
    next = std::chrono::steady_clock::now() + between_;
    lock.lock();
  }
}

}  // namespace millrace::engine
