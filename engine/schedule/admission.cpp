#include "engine/schedule/admission.h"

#include <algorithm>

#include "engine/schedule/core_shares.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kCore = 1'000;  // millicores

}  // namespace

Admission admit(std::int64_t total_millicores, int most_batch_jobs, const std::vector<Waiting>& waiting,
                const std::vector<Running>& running) {
  Admission admission;
  admission.millicores.assign(waiting.size(), 0);
  std::int64_t free = total_millicores;
  std::int64_t held_by_batch = 0;
  std::int64_t coming = 0;  // held by those that were asked to yield
  int batch_jobs = 0;
  for (const Running& each : running) {
    free -= each.millicores;
    if (each.live) continue;
    ++batch_jobs;
    held_by_batch += each.millicores;
    if (each.yielding) coming += each.millicores;
  }

  std::int64_t lacking = 0;  // for live jobs that fit once others yield
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i].live_millicores <= 0) continue;
    const std::int64_t needed = std::min(waiting[i].live_millicores, total_millicores);
    if (lacking == 0 && needed <= free) {
      admission.millicores[i] = needed;
      free -= needed;
    } else if (lacking + needed <= free + held_by_batch) {
      lacking += needed;
    }
  }
  for (std::size_t i = running.size(); i-- > 0 && lacking > free + coming;) {
    if (running[i].live || running[i].yielding) continue;
    admission.yield.push_back(i);
    coming += running[i].millicores;
  }
  if (lacking > 0) return admission;

  std::vector<std::size_t> batch;
  std::vector<int> most;
  for (std::size_t i = 0; i < waiting.size() && batch_jobs < most_batch_jobs; ++i) {
    if (waiting[i].live_millicores > 0) continue;
    batch.push_back(i);
    most.push_back(waiting[i].most_cores);
    ++batch_jobs;
  }
  const std::vector<int> shares = share_cores(static_cast<int>(free / kCore), most);
  for (std::size_t i = 0; i < shares.size(); ++i) admission.millicores[batch[i]] = shares[i] * kCore;
  return admission;
}

}  // namespace millrace::engine
