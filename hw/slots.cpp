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
  switch (limit) {
    case Limit::cores:
      return "cores";
    case Limit::memory:
      return "memory";
    case Limit::nothing:
      return "nothing";
  }
  return "nothing";
}

Budget budget_of(const Inventory& machine, const Reserve& reserve) {
  const auto millicores = static_cast<std::int64_t>(std::floor(core_budget(machine.cpu) * 1000.0));
  return {std::max<std::int64_t>(0, millicores - reserve.millicores),
          std::max<std::int64_t>(0, signed_bytes(machine.memory.usable_bytes) - reserve.memory_bytes)};
}

Slots size_slots(const Budget& budget, const Demand& session) {
  std::int64_t by_cores = fitting(budget.millicores, session.millicores);
  if (by_cores == 0 && budget.millicores > 0) by_cores = 1;
  const std::int64_t by_memory = fitting(budget.memory_bytes, session.memory_bytes);
  const std::int64_t sessions = std::min(by_cores, by_memory);
  if (sessions == kMostSessions) return {kMostSessions, Limit::nothing};
  return {static_cast<int>(sessions), by_cores <= by_memory ? Limit::cores : Limit::memory};
}

Demand fit_cores(const Demand& demand, const Budget& budget) {
  return {std::min(demand.millicores, budget.millicores), demand.memory_bytes};
}

}  // namespace millrace::hw
