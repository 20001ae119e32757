#include "hw/inventory_json.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace::hw {
namespace {

Inventory small_machine() {
  Inventory machine;
  machine.os = "Debian GNU/Linux 12";
  machine.kernel = "6.1.0";
  machine.cpu = {"AuthenticAMD", "AMD EPYC", 2, 4, 4, std::nullopt, 4, {"sse2", "avx2"}};
  machine.memory = {8192, 4096, std::nullopt, 4096};
  machine.confinement = {2, true};
  return machine;
}

TEST(InventoryJson, FieldNamesAndOrderAreStable) {
  Inventory machine = small_machine();
  machine.absences.push_back({"nvidia", "libcuda.so.1 not found; install the NVIDIA driver"});
  const std::string expected =
      R"({"os":"Debian GNU/Linux 12","kernel":"6.1.0",)"
      R"("cpu":{"vendor":"AuthenticAMD","model":"AMD EPYC","physical_cores":2,"logical_cores":4,)"
      R"("allowed_cores":4,"quota_cores":null,"usable_cores":4,"simd":["sse2","avx2"]},)"
      R"("memory":{"total_bytes":8192,"available_bytes":4096,"limit_bytes":null,"usable_bytes":4096},)"
      R"("gpus":[],"confinement":{"landlock":2,"seccomp":true},)"
      R"("absences":[{"what":"nvidia","note":"libcuda.so.1 not found; install the NVIDIA driver"}]})";
  EXPECT_EQ(to_json(machine).dump(), expected);
}

TEST(InventoryJson, LimitsAreNumbersWhereSet) {
  Inventory machine = small_machine();
  machine.cpu.quota_cores = 0.5;
  machine.memory.limit_bytes = 2048;
  const auto json = to_json(machine);
  EXPECT_EQ(json["cpu"]["quota_cores"], 0.5);
  EXPECT_EQ(json["memory"]["limit_bytes"], 2048);
}

TEST(InventoryJson, EmptyListsStayLists) {
  const auto json = to_json(Inventory{});
  EXPECT_TRUE(json["gpus"].is_array());
  EXPECT_TRUE(json["absences"].is_array());
  EXPECT_TRUE(json["cpu"]["simd"].is_array());
}

TEST(InventoryJson, AGpuShowsItsEngines) {
  Inventory machine = small_machine();
  machine.gpus.push_back({"nvidia", "NVIDIA H200", 0, 151'000'000'000U, "580.95", {7, 0}});
  const std::string expected =
      R"([{"vendor":"nvidia","name":"NVIDIA H200","index":0,"memory_bytes":151000000000,)"
      R"("driver":"580.95","engines":{"decode":7,"encode":0}}])";
  EXPECT_EQ(to_json(machine)["gpus"].dump(), expected);
}

}  // namespace
}  // namespace millrace::hw
