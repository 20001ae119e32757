// SoundPace keeps a job's sounds from running far ahead of its pictures: they would take cores from the
// pictures' first segments, which somebody may be waiting for. Safe to call from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace millrace::engine {

class SoundPace {
 public:
  // Segments that every rendition has; may become fewer when a range is made again.
  void pictures_have(std::int64_t segments);
  // Nobody waits any more: the pictures are whole, have failed, or there are none.
  void pictures_ended();

  // Returns once a sound with so many segments may make more: one while the pictures have none, then at most
  // 3 more than they have when it begins. At once after a stop request.
  void wait(std::int64_t segments, const std::stop_token& stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::int64_t pictures_ = 0;
  bool ended_ = false;
};

}  // namespace millrace::engine
