// PlaylistKeeper writes growing playlists from a thread of its own, at most every so often, so that the tasks
// that make segments do not wait for them. Safe to call from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/base/status.h"

namespace millrace::engine {

class PlaylistKeeper {
 public:
  // `write` is called from the keeper's thread alone; its first failure ends the keeper and goes to `failed`.
  PlaylistKeeper(std::chrono::milliseconds between, std::function<Status()> write,
                 std::function<void(const Status&)> failed);
  // Waits for a write that is under way; what is not written by then stays unwritten.
  ~PlaylistKeeper();
  PlaylistKeeper(const PlaylistKeeper&) = delete;
  PlaylistKeeper& operator=(const PlaylistKeeper&) = delete;

  // There is more to list. Urgent: it is written at once, however young the last write is.
  void changed(bool urgent);

 private:
  void keep();

  const std::chrono::milliseconds between_;
  const std::function<Status()> write_;
  const std::function<void(const Status&)> failed_;
  std::mutex mutex_;
  std::condition_variable news_;
  bool changed_ = false;
  bool urgent_ = false;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace millrace::engine
