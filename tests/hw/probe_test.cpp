#include "hw/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/hw/fake_tree.h"

namespace millrace::hw {
namespace {

using ::testing::Ge;
using ::testing::Gt;
using ::testing::Le;

TEST(Probe, PutsTheFactsOfAFakeContainerTogether) {
  FakeTree tree;
  tree.put("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  tree.put("proc/sys/kernel/osrelease", "6.1.0-25-amd64\n");
  tree.put("proc/cpuinfo", "processor : 0\nvendor_id : GenuineIntel\nmodel name : Xeon\n\nprocessor : 1\n");
  tree.put("proc/meminfo", "MemTotal: 4096 kB\nMemAvailable: 2048 kB\n");
  tree.put("proc/self/cgroup", "0::/\n");
  tree.put("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  tree.put("sys/fs/cgroup/cpu.max", "50000 100000\n");
  tree.put("sys/fs/cgroup/memory.max", "1048576\n");
  const Inventory inventory = probe(tree.roots());
  EXPECT_EQ(inventory.os, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(inventory.kernel, "6.1.0-25-amd64");
  EXPECT_EQ(inventory.cpu.model, "Xeon");
  EXPECT_EQ(inventory.cpu.logical_cores, 2);
  EXPECT_EQ(inventory.cpu.usable_cores, 1);
  EXPECT_EQ(core_budget(inventory.cpu), 0.5);
  EXPECT_EQ(inventory.memory.usable_bytes, 1048576U);
  ASSERT_NE(absence_note(inventory, "nvidia"), nullptr);
  ASSERT_NE(absence_note(inventory, "vaapi"), nullptr);
  EXPECT_EQ(absence_note(inventory, "cpu"), nullptr);
}

TEST(Probe, AnEmptyTreeIsAnInventoryOfAbsences) {
  const FakeTree tree;
  const Inventory inventory = probe(tree.roots());
  EXPECT_EQ(inventory.os, "Linux");
  EXPECT_EQ(inventory.kernel, "unknown");
  EXPECT_EQ(inventory.cpu.usable_cores, 1);
  for (const char* what : {"cpu", "memory", "nvidia", "vaapi", "landlock", "seccomp"}) {
    EXPECT_NE(absence_note(inventory, what), nullptr) << what;
  }
}

TEST(Probe, ThisMachineIsPlausible) {
  const Inventory inventory = probe();
  EXPECT_NE(inventory.kernel, "unknown");
  EXPECT_THAT(inventory.cpu.physical_cores, Ge(1));
  EXPECT_THAT(inventory.cpu.logical_cores, Ge(inventory.cpu.physical_cores));
  EXPECT_THAT(inventory.cpu.usable_cores, Ge(1));
  EXPECT_THAT(inventory.cpu.usable_cores, Le(inventory.cpu.logical_cores));
  EXPECT_THAT(inventory.memory.usable_bytes, Gt(0U));
  EXPECT_THAT(inventory.memory.usable_bytes, Le(inventory.memory.total_bytes));
  EXPECT_EQ(absence_note(inventory, "cpu"), nullptr);
  EXPECT_EQ(absence_note(inventory, "memory"), nullptr);
}

TEST(ProbeRoots, LibrariesAreAskedOfTheRealLoader) {
  EXPECT_TRUE(library_loads("libc.so.6"));
  EXPECT_FALSE(library_loads("libmillrace-has-no-such-library.so.1"));
}

TEST(ProbeRoots, DevicesAreOpenedForReadingAndWriting) {
  EXPECT_EQ(device_error("/dev/null"), 0);
  EXPECT_EQ(device_error("/dev/millrace-has-no-such-node"), ENOENT);
}

}  // namespace
}  // namespace millrace::hw
