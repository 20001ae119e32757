#include "engine/work/stall_watch.h"

namespace millrace::engine {

void StallWatch::done(std::int64_t work, Time now) {
  if (work <= most_) return;
  most_ = work;
  since_ = now;
}

}  // namespace millrace::engine
