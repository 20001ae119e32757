// Slot sizing: how many sessions a budget carries. Pure functions of plain data.
#pragma once

#include <cstdint>
#include <string_view>

#include "hw/inventory.h"

namespace millrace::hw {

// What one session costs. A thousandth of a core is the unit, so that sums are exact.
struct Demand {
  std::int64_t millicores = 0;
  std::int64_t memory_bytes = 0;
  bool operator==(const Demand&) const = default;
};

// What a device can carry.
struct Budget {
  std::int64_t millicores = 0;
  std::int64_t memory_bytes = 0;
  bool operator==(const Budget&) const = default;
};

// Kept back from sessions: the daemon itself, its store, the page cache that writing segments needs.
struct Reserve {
  std::int64_t millicores = 0;
  std::int64_t memory_bytes = std::int64_t{256} << 20;
};

enum class Limit { cores, memory, nothing };
std::string_view to_string(Limit limit);

struct Slots {
  int sessions = 0;
  Limit limited_by = Limit::nothing;  // of two that bind alike, cores
};

// A machine is never asked for more sessions than this, whatever a demand near zero would allow.
inline constexpr int kMostSessions = 4096;

// The budget of this machine's CPU side: core_budget() and usable memory, less the reserve, never below zero.
Budget budget_of(const Inventory& machine, const Reserve& reserve = {});

// How many sessions of that demand fit at once, and what the next one would lack.
// Cores stretch and memory does not: a session that wants more cores than there are runs slower, so any cores
// at all carry one session; a session that does not fit the memory is not started.
Slots size_slots(const Budget& budget, const Demand& session);

// The demand cut down to the cores of the budget: what to ask a ledger for, so that a session that wants more
// cores than the machine has is admitted alone instead of never.
Demand fit_cores(const Demand& demand, const Budget& budget);

}  // namespace millrace::hw
