// DamageLog keeps what damage took from one task, where the job accepts damage. Safe to call from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace millrace::engine {

class DamageLog {
 public:
  static constexpr std::size_t kMost = 100;

  // Not accepted: nothing is to be added, damage ends the task. `told` hears of each sentence that is kept,
  // at once.
  explicit DamageLog(bool accepts, std::function<void(const std::string&)> told = {})
      : accepts_(accepts), told_(std::move(told)) {}
  bool accepts() const { return accepts_; }

  // A sentence with its place. Each is kept once; from kMost on they are only counted.
  void add(const std::string& sentence);
  // In the order they came, at most kMost; the last one says how many more there are.
  std::vector<std::string> sentences() const;

 private:
  const bool accepts_;
  const std::function<void(const std::string&)> told_;
  mutable std::mutex mutex_;
  std::vector<std::string> sentences_;
  std::set<std::string> known_;
  std::size_t more_ = 0;
};

}  // namespace millrace::engine
