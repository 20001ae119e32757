// Stripes: a fixed number of locks that stand for any number of names. Safe to call from any thread.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <vector>

namespace millrace::engine {

class Stripes {
 public:
  // The lock of a name; two names may share one, so nobody holds two at once.
  std::shared_mutex& of(std::string_view name) {
    return locks_[std::hash<std::string_view>()(name) % locks_.size()];
  }

  // Every lock, in one order.
  std::vector<std::unique_lock<std::shared_mutex>> all() {
    std::vector<std::unique_lock<std::shared_mutex>> held;
    held.reserve(locks_.size());
    for (std::shared_mutex& each : locks_) held.emplace_back(each);
    return held;
  }

 private:
  std::array<std::shared_mutex, 64> locks_;
};

}  // namespace millrace::engine
