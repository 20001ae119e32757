#include "engine/pipeline/damage_log.h"

#include <fmt/format.h>

namespace millrace::engine {

void DamageLog::add(const std::string& sentence) {
  std::lock_guard lock(mutex_);
  if (known_.contains(sentence)) return;
  if (sentences_.size() + 1 >= kMost) {
    ++more_;
    return;
  }
  known_.insert(sentence);
  sentences_.push_back(sentence);
  if (told_) told_(sentence);
}

std::vector<std::string> DamageLog::sentences() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> all = sentences_;
  if (more_ > 0) all.push_back(fmt::format("damaged places in all: {}", all.size() + more_));
  return all;
}

}  // namespace millrace::engine
