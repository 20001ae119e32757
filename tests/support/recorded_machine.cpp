#include "tests/support/recorded_machine.h"

#include <gtest/gtest.h>

#include <optional>

#include "hw/inventory_json.h"
#include "hw/text_file.h"

namespace millrace::test {

hw::Inventory recorded_machine(const std::string& name) {
  const std::string path = MILLRACE_MACHINES "/" + name + ".json";
  const std::optional<hw::Inventory> machine = hw::inventory_of(hw::read_text(path).value_or(""));
  if (!machine) ADD_FAILURE() << path << " is no probe document";
  return machine.value_or(hw::Inventory{});
}

}  // namespace millrace::test
