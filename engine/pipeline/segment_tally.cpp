#include "engine/pipeline/segment_tally.h"

namespace millrace::engine {

void SegmentTally::count(std::int64_t segment) {
  std::lock_guard lock(mutex_);
  ++frames_[segment];
}

std::int64_t SegmentTally::frames_in(std::int64_t segment) const {
  std::lock_guard lock(mutex_);
  const auto found = frames_.find(segment);
  return found == frames_.end() ? 0 : found->second;
}

void SegmentTally::set_source_end(std::int64_t ticks) {
  std::lock_guard lock(mutex_);
  source_end_ = ticks;
}

std::int64_t SegmentTally::source_end() const {
  std::lock_guard lock(mutex_);
  return source_end_;
}

void SegmentTally::set_range_end(std::int64_t ticks) {
  std::lock_guard lock(mutex_);
  range_end_ = ticks;
}

std::int64_t SegmentTally::range_end() const {
  std::lock_guard lock(mutex_);
  return range_end_;
}

}  // namespace millrace::engine
