#include "hw/slots.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::hw {
namespace {

// Sessions that one resource carries; a session that needs none of it is not held back by it.
std::int64_t fitting(std::int64_t budget, std::int64_t demand) {
  if (demand <= 0) return kMostSessions;
  return std::clamp<std::int64_t>(budget / demand, 0, kMostSessions);
}

std::int64_t signed_bytes(std::uint64_t bytes) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(bytes, kMost));
}

}  // namespace

std::string_view to_string(Limit limit) {
  for (const Resource& each : kResources)
    if (each.limit == limit) return each.name;
  return "nothing";
}

Budget budget_of(const Inventory& machine, const Reserve& reserve) {
  const auto millicores = static_cast<std::int64_t>(std::floor(core_budget(machine.cpu) * 1000.0));
  Budget budget;
  budget.millicores = std::max<std::int64_t>(0, millicores - reserve.millicores);
  budget.memory_bytes =
      std::max<std::int64_t>(0, signed_bytes(machine.memory.usable_bytes) - reserve.memory_bytes);
  for (const GpuFacts& gpu : machine.gpus) {
    budget.gpu_decode += std::int64_t{1000} * gpu.engines.decode;
    budget.gpu_encode += std::int64_t{1000} * gpu.engines.encode;
    budget.gpu_compute += 1000;
    budget.gpu_memory_bytes += signed_bytes(gpu.memory_bytes);
  }
  return budget;
}

Slots size_slots(const Budget& budget, const Demand& session) {
  Slots slots{kMostSessions, Limit::nothing};
  for (const Resource& each : kResources) {
    std::int64_t sessions = fitting(budget.*each.amount, session.*each.amount);
    if (each.limit == Limit::cores && sessions == 0 && budget.millicores > 0) sessions = 1;
    if (sessions < slots.sessions) slots = {static_cast<int>(sessions), each.limit};
  }
  return slots;
}

Demand fit_cores(const Demand& demand, const Budget& budget) {
  Demand fitted = demand;
  fitted.millicores = std::min(demand.millicores, budget.millicores);
  return fitted;
}

}  // namespace millrace::hw
