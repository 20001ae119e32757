// EventOrder numbers events that many threads write at once, and lets nobody see an event before all with
// smaller numbers are settled: a reader that goes on after the largest number it saw misses none. Safe to
// call from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "engine/store/store.h"

namespace millrace::engine {

class EventOrder {
 public:
  // The largest number in use; before the first is taken.
  void start_after(std::uint64_t last);

  // The next number. Each must be finished, or all later ones wait.
  std::uint64_t take();

  // The event is on disk, or (nothing) could not be written. Returns once it and all before it were told to
  // the listener; the telling is done by one of the threads that wait here.
  void finish(std::uint64_t number, std::optional<Event> event);

  // Every event up to this number is on disk. A listener that is told of an event finds it settled.
  std::uint64_t settled() const;

  // Once it returns, the listener before is not running and never called again. Not to be called by a
  // listener.
  void set_listener(std::function<void(const Event&)> listener);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t taken_ = 0;
  std::uint64_t settled_ = 0;
  std::uint64_t told_ = 0;  // settled_, or one less while its listener is called
  std::map<std::uint64_t, std::optional<Event>> finished_;  // beyond told_
  bool telling_ = false;
  std::function<void(const Event&)> listener_;
};

}  // namespace millrace::engine
