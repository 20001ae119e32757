#include "engine/schedule/sound_pace.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kMostAhead = 3;

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
  changed_.wait(lock, stop, [&] { return ended_ || segments <= pictures_ + kMostAhead; });
}

}  // namespace millrace::engine
