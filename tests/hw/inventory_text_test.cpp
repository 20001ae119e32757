#include "hw/inventory_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::hw {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

Inventory container() {
  Inventory machine;
  machine.os = "Debian GNU/Linux 12 (bookworm)";
  machine.kernel = "6.1.0";
  machine.cpu = {"AuthenticAMD", "AMD EPYC", 4, 8, 6, 0.5, 1, {"sse2", "avx2"}};
  machine.memory = {24 * kGiB, 20 * kGiB, kGiB / 2, kGiB / 4};
  machine.confinement = {2, true};
  machine.absences = {{"nvidia", "libcuda.so.1 not found; install the NVIDIA driver"}};
  return machine;
}

TEST(InventoryText, ReadsAsAPageOfFacts) {
  EXPECT_EQ(to_text(container()),
            "system   Debian GNU/Linux 12 (bookworm), kernel 6.1.0\n"
            "cpu      AMD EPYC (AuthenticAMD), 4 cores, 8 threads; 6 allowed by affinity, cgroup quota 0.50, "
            "1 usable\n"
            "simd     sse2 avx2\n"
            "memory   24.0 GiB, 20.0 GiB available; cgroup limit 512 MiB, 256 MiB usable\n"
            "gpu      none in use; work runs on the CPU\n"
            "confined workers by Landlock 2 and seccomp\n"
            "missing  nvidia: libcuda.so.1 not found; install the NVIDIA driver\n");
}

TEST(InventoryText, LimitsThatAreNotThereAreNotTalkedAbout) {
  Inventory machine = container();
  machine.cpu = {"ARM", "", 1, 1, 1, std::nullopt, 1, {}};
  machine.memory.limit_bytes.reset();
  const std::string text = to_text(machine);
  EXPECT_THAT(text, HasSubstr("cpu      ARM, 1 core, 1 thread; 1 usable\n"));
  EXPECT_THAT(text, HasSubstr("no cgroup limit"));
  EXPECT_THAT(text, Not(HasSubstr("simd")));
}

TEST(InventoryText, EachGpuHasItsLine) {
  Inventory machine = container();
  machine.gpus.push_back({"nvidia", "L4", 0, 24 * kGiB, "580.95", {4, 1}});
  const std::string text = to_text(machine);
  EXPECT_THAT(
      text, HasSubstr("gpu      nvidia 0: L4, 24.0 GiB, driver 580.95; 4 decode engines, 1 encode engine\n"));
  EXPECT_THAT(text, Not(HasSubstr("none in use")));
}

TEST(InventoryText, AGpuTellsWhatItCanIsDoingAndLacks) {
  Inventory machine = container();
  GpuFacts gpu{"nvidia", "NVIDIA L4", 1, 24 * kGiB, "580.95", {4, 2}};
  gpu.decodes = {{"h264", 420, 8}, {"hevc", 420, 8}, {"hevc", 444, 12}, {"hevc", 420, 10}};
  gpu.encodes = {{{"h264", 420, 8}}, {{"av1", 420, 10}}};
  gpu.load = {56, 12, 34, 1, kGiB / 2, 16.5};
  gpu.absences = {{"load", "not told"}};
  machine.gpus = {gpu};
  EXPECT_THAT(to_text(machine),
              HasSubstr("4 decode engines, 2 encode engines\n"
                        "decodes  h264, hevc to 12 bit\n"
                        "encodes  h264, av1 to 10 bit; 16 sessions more at least\n"
                        "load     compute 56 %, decode 12 %, encode 34 %, 1 encode session, "
                        "512 MiB used, 16 W\n"
                        "missing  nvidia 1, load: not told\n"));
  machine.gpus[0].free_encode_sessions = 1;
  EXPECT_THAT(to_text(machine), HasSubstr("av1 to 10 bit; 1 session more\n"));
}

TEST(InventoryText, AVaapiDeviceTellsItsFilters) {
  Inventory machine = container();
  GpuFacts gpu{"intel", "intel GPU 8086:56a5", 0, 0, "iHD", {1, 1}};
  gpu.encodes = {{{"h264", 420, 8}, 0, true}};
  gpu.filters = {"scale", "deinterlace"};
  machine.gpus = {gpu};
  EXPECT_THAT(to_text(machine),
              HasSubstr("intel GPU 8086:56a5, shared memory, driver iHD; 1 decode engine, 1 "
                        "encode engine\nencodes  h264\nfilters  scale, deinterlace\n"));
}

TEST(InventoryText, ConfinementSaysWhatIsMissing) {
  Inventory machine = container();
  machine.confinement = {1, false};
  EXPECT_THAT(to_text(machine), HasSubstr("confined workers by Landlock 1, without seccomp\n"));
  machine.confinement = {0, true};
  EXPECT_THAT(to_text(machine), HasSubstr("confined workers by seccomp, without Landlock\n"));
  machine.confinement = {};
  EXPECT_THAT(to_text(machine), HasSubstr("confined workers by none\n"));
}

TEST(InventoryText, BytesSwitchToGibibytes) {
  EXPECT_EQ(bytes_text(0), "0 MiB");
  EXPECT_EQ(bytes_text(512 * (std::uint64_t{1} << 20)), "512 MiB");
  EXPECT_EQ(bytes_text(kGiB), "1.0 GiB");
  EXPECT_EQ(bytes_text(kGiB * 47 / 2), "23.5 GiB");
}

}  // namespace
}  // namespace millrace::hw
