// SegmentTally: what went into each segment of a range, written by the feeding thread and read by the
// renditions'. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

namespace millrace::engine {

class SegmentTally {
 public:
  void count(std::int64_t segment);
  // 0 for a segment that got nothing. Final once a frame of a later segment, or the end, has come by.
  std::int64_t frames_in(std::int64_t segment) const;

  // Where the source's last frame ends, in ticks.
  void set_source_end(std::int64_t ticks);
  std::int64_t source_end() const;

  // Where the range's last frame ends: the first frame after the range, or the source's end.
  void set_range_end(std::int64_t ticks);
  std::int64_t range_end() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::int64_t> frames_;
  std::int64_t source_end_ = 0;
  std::int64_t range_end_ = 0;
};

}  // namespace millrace::engine
