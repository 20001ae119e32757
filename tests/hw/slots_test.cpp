#include "hw/slots.h"

#include <gtest/gtest.h>

#include <limits>

namespace millrace::hw {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

struct SlotCase {
  const char* name;
  Budget budget;
  Demand session;
  int sessions;
  Limit limit;
};

TEST(Slots, TableOfBudgetsAndDemands) {
  const SlotCase cases[] = {
      {"cores bind", {8000, 8192 * kMiB}, {2000, 512 * kMiB}, 4, Limit::cores},
      {"memory binds", {8000, 1024 * kMiB}, {1000, 512 * kMiB}, 2, Limit::memory},
      {"both bind alike: cores are named", {2000, 1024 * kMiB}, {1000, 512 * kMiB}, 2, Limit::cores},
      {"a part of a slot is none", {3999, 8192 * kMiB}, {2000, 1 * kMiB}, 1, Limit::cores},
      {"half a core still carries one", {500, 8192 * kMiB}, {2000, 512 * kMiB}, 1, Limit::cores},
      {"no core carries none", {0, 8192 * kMiB}, {2000, 512 * kMiB}, 0, Limit::cores},
      {"too little memory carries none", {8000, 511 * kMiB}, {1000, 512 * kMiB}, 0, Limit::memory},
      {"exact fit", {1000, 512 * kMiB}, {1000, 512 * kMiB}, 1, Limit::cores},
      {"a resource not asked for does not bind", {1000, 0}, {500, 0}, 2, Limit::cores},
      {"the encode engine binds",
       {8000, 100, 1000, 1000, 1000, 800},
       {100, 1, 100, 400, 10, 80},
       2,
       Limit::gpu_encode},
      {"the GPU's memory binds",
       {8000, 100, 9000, 9000, 1000, 800},
       {100, 1, 100, 100, 10, 300},
       2,
       Limit::gpu_memory},
      {"a session that costs nothing", {1000, kMiB}, {0, 0}, kMostSessions, Limit::nothing},
      {"a tiny session stops at the most",
       {std::numeric_limits<std::int64_t>::max(), 9 * kMiB},
       {1, 1},
       kMostSessions,
       Limit::nothing},
  };
  for (const SlotCase& c : cases) {
    const Slots slots = size_slots(c.budget, c.session);
    EXPECT_EQ(slots.sessions, c.sessions) << c.name;
    EXPECT_EQ(slots.limited_by, c.limit) << c.name;
  }
}

Inventory machine_of(int allowed, std::optional<double> quota, std::uint64_t usable_bytes) {
  Inventory machine;
  machine.cpu.allowed_cores = allowed;
  machine.cpu.quota_cores = quota;
  machine.memory.usable_bytes = usable_bytes;
  return machine;
}

TEST(Slots, BudgetIsCoresAndMemoryLessTheReserve) {
  const Inventory machine = machine_of(4, std::nullopt, 1024 * kMiB);
  EXPECT_EQ(budget_of(machine, {0, 0}), (Budget{4000, 1024 * kMiB}));
  EXPECT_EQ(budget_of(machine), (Budget{4000, 768 * kMiB}));
  EXPECT_EQ(budget_of(machine, {250, 24 * kMiB}), (Budget{3750, 1000 * kMiB}));
}

TEST(Slots, BudgetKeepsAQuotaBelowOneCore) {
  EXPECT_EQ(budget_of(machine_of(4, 0.25, 0), {0, 0}).millicores, 250);
  EXPECT_EQ(budget_of(machine_of(4, 16.0, 0), {0, 0}).millicores, 4000)
      << "a quota above the cores adds none";
}

TEST(Slots, BudgetIsNeverBelowZero) {
  EXPECT_EQ(budget_of(machine_of(1, std::nullopt, 1), {5000, kMiB}), (Budget{0, 0}));
}

TEST(Slots, ABudgetLargerThanTheTypeIsCut) {
  const Budget budget =
      budget_of(machine_of(1, std::nullopt, std::numeric_limits<std::uint64_t>::max()), {0, 0});
  EXPECT_EQ(budget.memory_bytes, std::numeric_limits<std::int64_t>::max());
}

TEST(Slots, AHandWrittenMachineWithOnlyUsableCoresHasThem) {
  Inventory machine;
  machine.cpu.usable_cores = 3;
  EXPECT_EQ(budget_of(machine, {0, 0}).millicores, 3000);
}

TEST(Slots, FitCoresCutsTheDemandToTheMachine) {
  EXPECT_EQ(fit_cores({4000, 7}, {1500, 5}), (Demand{1500, 7}));
  EXPECT_EQ(fit_cores({1000, 7}, {1500, 5}), (Demand{1000, 7}));
}

TEST(Slots, BudgetAddsUpWhatTheGpusHave) {
  Inventory machine;
  machine.gpus = {{"nvidia", "L4", 0, 24'000, "580", {4, 2}}, {"nvidia", "H200", 1, 141'000, "580", {7, 0}}};
  const Budget budget = budget_of(machine);
  EXPECT_EQ(budget.gpu_decode, 11'000);
  EXPECT_EQ(budget.gpu_encode, 2'000);
  EXPECT_EQ(budget.gpu_compute, 2'000);
  EXPECT_EQ(budget.gpu_memory_bytes, 165'000);
}

TEST(Slots, LimitsHaveNames) {
  EXPECT_EQ(to_string(Limit::cores), "cores");
  EXPECT_EQ(to_string(Limit::memory), "memory");
  EXPECT_EQ(to_string(Limit::gpu_encode), "gpu_encode");
  EXPECT_EQ(to_string(Limit::nothing), "nothing");
}

}  // namespace
}  // namespace millrace::hw
