#include "engine/schedule/sound_pace.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kMostAhead = 3;

// One segment is enough to play with the first pictures; they are what is waited for.
std::int64_t most_with(std::int64_t pictures) { return pictures == 0 ? 1 : pictures + kMostAhead + 1; }

}  // namespace

void SoundPace::pictures_have(std::int64_t segments) {
  {
    const std::lock_guard lock(mutex_);
    pictures_ = segments;
  }
  changed_.notify_all();
}

void SoundPace::pictures_ended() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

void SoundPace::wait(std::int64_t segments, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return ended_ || segments < most_with(pictures_); });
}

}  // namespace millrace::engine
