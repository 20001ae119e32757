#include "engine/schedule/core_shares.h"

#include <algorithm>

namespace millrace::engine {

std::vector<int> share_cores(int free_cores, const std::vector<int>& most) {
  const std::size_t jobs = std::min(most.size(), static_cast<std::size_t>(std::max(free_cores, 0)));
  std::vector<int> shares(jobs, 0);
  bool given = true;
  while (free_cores > 0 && given) {
    given = false;
    for (std::size_t i = 0; i < jobs && free_cores > 0; ++i) {
      if (most[i] > 0 && shares[i] >= most[i]) continue;
      ++shares[i];
      --free_cores;
      given = true;
    }
  }
  return shares;
}

}  // namespace millrace::engine
