#include "engine/pipeline/still_list.h"

#include <algorithm>
#include <cmath>

#include "engine/plan/segment_clock.h"
#include "engine/plan/stills_planner.h"

namespace millrace::engine {
namespace {

std::int64_t size_of(const PlannedStills& stills, double media_seconds) {
  if (!stills.at.empty()) return static_cast<std::int64_t>(stills.at.size());
  return media_seconds > 0 ? count_of_stills(stills, media_seconds) : StillList::kEndless;
}

}  // namespace

StillList::StillList(const PlannedStills& stills, double media_seconds)
    : at_(stills.at), every_(stills.every), size_(size_of(stills, media_seconds)) {}

std::int64_t StillList::time_of(std::int64_t index) const {
  const double seconds =
      at_.empty() ? static_cast<double>(index) * every_ : at_[static_cast<std::size_t>(index)];
  return std::llround(seconds * kTicksPerSecond);
}

std::vector<Still> StillList::take(std::int64_t count) {
  const std::lock_guard lock(mutex_);
  std::vector<Still> taken;
  for (; count > 0 && next_ < size_; --count, ++next_) taken.push_back({next_, time_of(next_)});
  return taken;
}

}  // namespace millrace::engine
