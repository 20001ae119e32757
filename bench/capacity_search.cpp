#include "bench/capacity_search.h"

#include <algorithm>

namespace millrace::bench {

void CapacitySearch::guess(int streams) { guess_ = std::clamp(streams, 2, std::max(most_, 2)); }

std::optional<int> CapacitySearch::next() const {
  if (holds_ == 0) return fails_ ? std::nullopt : std::optional(1);
  if (holds_ >= most_ || (fails_ && *fails_ <= holds_ + 1)) return std::nullopt;
  if (holds_ == 1) return fails_ ? std::max(*fails_ - step_, 2) : std::min(guess_, most_);
  if (!fails_) return std::min(holds_ + step_, most_);
  return holds_ + (*fails_ - holds_) / 2;
}

void CapacitySearch::add(int streams, bool holds) {
  // The first two rounds are no steps: one stream, and the guess.
  if (streams > 1 && streams != guess_) step_ *= 2;
  if (holds) {
    holds_ = std::max(holds_, streams);
  } else {
    fails_ = std::min(fails_.value_or(streams), streams);
  }
}

}  // namespace millrace::bench
