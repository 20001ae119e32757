#include "engine/plan/threads.h"

#include <algorithm>
#include <cmath>

namespace millrace::engine {
namespace {

double pixels(const PlannedRendition& rendition) {
  return static_cast<double>(rendition.width) * rendition.height;
}

}  // namespace

std::vector<int> threads_for(std::span<const PlannedRendition> renditions, int cores) {
  double all = 0;
  for (const PlannedRendition& rendition : renditions) all += pixels(rendition);
  std::vector<int> threads;
  for (const PlannedRendition& rendition : renditions) {
    const double share = all > 0 ? pixels(rendition) / all * cores : 1;
    // A hair below, so that 4 of 4 cores do not become 5 by rounding.
    threads.push_back(std::clamp(static_cast<int>(std::ceil(share - 1e-9)), 1, 16));
  }
  return threads;
}

int decoder_threads_for(int cores) { return cores <= 2 ? 1 : std::min(cores / 2, 8); }

}  // namespace millrace::engine
