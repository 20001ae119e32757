#include "hw/inventory_json.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/recorded_machine.h"

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

// Every field has a value of its own.
GpuFacts full_gpu() {
  GpuFacts gpu{"nvidia", "NVIDIA L4", 1, 24'000'000'000U, "580.95", {4, 2}};
  gpu.id = "GPU-1";
  gpu.node = "/dev/dri/renderD128";
  gpu.mig = "1g.10gb";
  gpu.compute = 89;
  gpu.cuda = 13000;
  gpu.decodes = {{"hevc", 444, 10, 144, 145, 8192, 8193, 262144}};
  gpu.encodes = {{{"h264", 420, 8, 145, 49, 4096, 4097, 65536}, 4, true}};
  gpu.free_encode_sessions = 8;
  gpu.filters = {"scale"};
  gpu.load = {1, 2, 3, 4, 5, 6.5};
  gpu.absences = {{"encode", "no"}};
  return gpu;
}

TEST(InventoryJson, AGpuShowsWhatItCanAndDoes) {
  Inventory machine = small_machine();
  machine.gpus.push_back(full_gpu());
  const std::string expected =
      R"([{"vendor":"nvidia","name":"NVIDIA L4","index":1,"memory_bytes":24000000000,)"
      R"("driver":"580.95","engines":{"decode":4,"encode":2},"id":"GPU-1","node":"/dev/dri/renderD128",)"
      R"("mig":"1g.10gb","compute":89,"cuda":13000,)"
      R"("decodes":[{"codec":"hevc","chroma":444,"bits":10,"min_width":144,"min_height":145,)"
      R"("max_width":8192,"max_height":8193,"max_macroblocks":262144}],)"
      R"("encodes":[{"codec":"h264","chroma":420,"bits":8,"min_width":145,"min_height":49,)"
      R"("max_width":4096,"max_height":4097,"max_macroblocks":65536,"b_frames":4,"low_power":true}],)"
      R"("free_encode_sessions":8,"filters":["scale"],)"
      R"("load":{"compute_percent":1,"decode_percent":2,"encode_percent":3,"encode_sessions":4,)"
      R"("memory_used_bytes":5,"watts":6.5},"absences":[{"what":"encode","note":"no"}]}])";
  EXPECT_EQ(to_json(machine)["gpus"].dump(), expected);
}

TEST(InventoryJson, IsReadBackAsItWas) {
  Inventory machine = small_machine();
  machine.cpu.quota_cores = 0.5;
  machine.memory.limit_bytes = 2048;
  machine.gpus = {full_gpu(), GpuFacts{}};
  machine.absences = {{"vaapi", "none"}};
  auto json = to_json(machine);
  json["budget"] = 1;  // what `millrace probe` adds
  const std::optional<Inventory> read = inventory_of(json.dump());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->gpus, machine.gpus);
  EXPECT_EQ(read->absences, machine.absences);
  EXPECT_EQ(to_json(*read), to_json(machine));
}

TEST(InventoryJson, WhatIsNoInventoryIsNotRead) {
  const auto whole = to_json(small_machine());
  EXPECT_TRUE(inventory_of(whole.dump()));
  for (const char* text : {"", "{", "[]", "null", "{}"}) EXPECT_FALSE(inventory_of(text)) << text;
  for (const auto& [name, value] : whole.items()) {
    auto part = whole;
    part.erase(name);
    EXPECT_FALSE(inventory_of(part.dump())) << "without " << name;
    part[name] = "another kind";
    EXPECT_EQ(inventory_of(part.dump()).has_value(), value.is_string()) << name;
  }
}

TEST(InventoryJson, RecordedMachinesAreWholeAndTellTheirOrigin) {
  for (const char* name : {"t4", "l4", "two_l4", "geforce", "a100", "a100_mig", "h200", "arc", "no_gpu"}) {
    const Inventory machine = test::recorded_machine(name);
    EXPECT_EQ(machine.gpus.empty(), std::string(name) == "no_gpu") << name;
    for (const GpuFacts& gpu : machine.gpus) {
      EXPECT_EQ(gpu.engines.decode == 0, gpu.decodes.empty()) << name;
      EXPECT_EQ(gpu.engines.encode == 0, gpu.encodes.empty()) << name;
      EXPECT_EQ(gpu.decodes.empty(), absence_note(gpu, "decode") != nullptr) << name;
      EXPECT_EQ(gpu.encodes.empty(), absence_note(gpu, "encode") != nullptr) << name;
    }
  }
}

}  // namespace
}  // namespace millrace::hw
