#include "hw/inventory.h"

#include <gtest/gtest.h>

namespace millrace::hw {
namespace {

TEST(Inventory, AbsenceNoteIsTheFirstOfThatName) {
  Inventory machine;
  machine.absences = {{"vaapi", "no render node"}, {"nvidia", "first"}, {"nvidia", "second"}};
  ASSERT_NE(absence_note(machine, "nvidia"), nullptr);
  EXPECT_EQ(*absence_note(machine, "nvidia"), "first");
  EXPECT_EQ(absence_note(machine, "cpu"), nullptr);
}

TEST(Inventory, CoreBudgetIsTheSmallerOfCoresAndQuota) {
  CpuFacts cpu;
  cpu.usable_cores = 3;
  EXPECT_EQ(core_budget(cpu), 3.0) << "by hand, with usable_cores alone";
  cpu.allowed_cores = 4;
  EXPECT_EQ(core_budget(cpu), 4.0);
  cpu.quota_cores = 2.5;
  EXPECT_EQ(core_budget(cpu), 2.5);
  cpu.quota_cores = 9.0;
  EXPECT_EQ(core_budget(cpu), 4.0);
}

}  // namespace
}  // namespace millrace::hw
