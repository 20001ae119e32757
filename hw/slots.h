// Slot sizing: how many sessions a budget carries. Pure functions of plain data.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "hw/inventory.h"

namespace millrace::hw {

// An amount of each thing that sessions share. Thousandths of a core or an engine are the unit, so that sums
// are exact. What a machine has of GPUs is added up; on which of them a stage runs is the planner's choice.
struct Resources {
  std::int64_t millicores = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t gpu_decode = 0;   // thousandths of a decode engine (NVDEC)
  std::int64_t gpu_encode = 0;   // of an encode engine (NVENC)
  std::int64_t gpu_compute = 0;  // of a GPU's processors
  std::int64_t gpu_memory_bytes = 0;
  bool operator==(const Resources&) const = default;
};
using Demand = Resources;  // what one session costs
using Budget = Resources;  // what a machine can carry

// Kept back from sessions: the daemon itself, its store, the page cache that writing segments needs.
struct Reserve {
  std::int64_t millicores = 0;
  std::int64_t memory_bytes = std::int64_t{256} << 20;
};

enum class Limit { cores, memory, gpu_decode, gpu_encode, gpu_compute, gpu_memory, nothing };
std::string_view to_string(Limit limit);

// Every resource, and what it is called where it binds; of two that bind alike the earlier is named.
struct Resource {
  std::int64_t Resources::*amount;
  Limit limit;
  std::string_view name;
};
inline constexpr std::array<Resource, 6> kResources = {{
    {&Resources::millicores, Limit::cores, "cores"},
    {&Resources::memory_bytes, Limit::memory, "memory"},
    {&Resources::gpu_decode, Limit::gpu_decode, "gpu_decode"},
    {&Resources::gpu_encode, Limit::gpu_encode, "gpu_encode"},
    {&Resources::gpu_compute, Limit::gpu_compute, "gpu_compute"},
    {&Resources::gpu_memory_bytes, Limit::gpu_memory, "gpu_memory"},
}};

struct Slots {
  int sessions = 0;
  Limit limited_by = Limit::nothing;
};

// A machine is never asked for more sessions than this, whatever a demand near zero would allow.
inline constexpr int kMostSessions = 4096;

// The budget of this machine: core_budget() and usable memory, less the reserve, never below zero, and all
// that its GPUs have.
Budget budget_of(const Inventory& machine, const Reserve& reserve = {});

// How many sessions of that demand fit at once, and what the next one would lack.
// Cores stretch and memory does not: a session that wants more cores than there are runs slower, so any cores
// at all carry one session; a session that does not fit the memory is not started.
Slots size_slots(const Budget& budget, const Demand& session);

// The demand cut down to the cores of the budget: what to ask a ledger for, so that a session that wants more
// cores than the machine has is admitted alone instead of never.
Demand fit_cores(const Demand& demand, const Budget& budget);

}  // namespace millrace::hw
