// recorded_machine is a machine as `millrace probe --json` showed it, out of tests/hw/machines.
#pragma once

#include <string>

#include "hw/inventory.h"

namespace millrace::test {

// By the name of its document: "t4", "l4", "two_l4", "geforce", "a100", "a100_mig", "h200", "arc", "no_gpu".
// Each says in "origin" where its figures come from. An empty inventory and a failed test where there is
// none.
hw::Inventory recorded_machine(const std::string& name);

}  // namespace millrace::test
