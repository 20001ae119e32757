// StillList hands out the stills of an output in the order of their times. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "engine/plan/plan.h"

namespace millrace::engine {

struct Still {
  std::int64_t index = 0;  // in the output, from 0
  std::int64_t time = 0;   // ticks on the job's clock
};

class StillList {
 public:
  static constexpr std::int64_t kEndless = INT64_MAX;

  // `media_seconds`: how long the job's media is; 0: not known, then `every` gives times without an end.
  StillList(const PlannedStills& stills, double media_seconds);

  std::int64_t size() const { return size_; }
  // The next ones, at most `count`; none: all were handed out.
  std::vector<Still> take(std::int64_t count);

 private:
  std::int64_t time_of(std::int64_t index) const;

  const std::vector<double> at_;
  const double every_;
  const std::int64_t size_;
  std::mutex mutex_;
  std::int64_t next_ = 0;
};

}  // namespace millrace::engine
