#include "hw/memory_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/hw/fake_tree.h"

namespace millrace::hw {
namespace {

using ::testing::IsEmpty;

constexpr std::uint64_t kKiB = 1024;

TEST(MemoryProbe, WithoutALimitWhatIsAvailableIsUsable) {
  FakeTree tree;
  tree.put("proc/meminfo", "MemTotal:       24684084 kB\nMemFree:  100 kB\nMemAvailable:   24319288 kB\n");
  std::vector<Absence> absences;
  const MemoryFacts memory = probe_memory(tree.roots(), {}, absences);
  EXPECT_EQ(memory.total_bytes, 24684084 * kKiB);
  EXPECT_EQ(memory.available_bytes, 24319288 * kKiB);
  EXPECT_EQ(memory.limit_bytes, std::nullopt);
  EXPECT_EQ(memory.usable_bytes, 24319288 * kKiB);
  EXPECT_THAT(absences, IsEmpty());
}

TEST(MemoryProbe, TheSmallerOfAvailableAndRoomIsUsable) {
  FakeTree tree;
  tree.put("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 600 kB\n");
  std::vector<Absence> absences;
  const MemoryFacts tight = probe_memory(tree.roots(), {{}, 500 * kKiB, 200 * kKiB}, absences);
  EXPECT_EQ(tight.limit_bytes, 500 * kKiB);
  EXPECT_EQ(tight.usable_bytes, 200 * kKiB);
  const MemoryFacts wide = probe_memory(tree.roots(), {{}, 9000 * kKiB, 8000 * kKiB}, absences);
  EXPECT_EQ(wide.limit_bytes, 9000 * kKiB);
  EXPECT_EQ(wide.usable_bytes, 600 * kKiB) << "a limit above the machine gives nothing extra";
}

TEST(MemoryProbe, WithoutMemAvailableFreeAndCacheCount) {
  FakeTree tree;
  tree.put("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\nCached: 150 kB\nSwapCached: 7 kB\n");
  std::vector<Absence> absences;
  EXPECT_EQ(probe_memory(tree.roots(), {}, absences).available_bytes, 450 * kKiB);
}

TEST(MemoryProbe, WithoutMeminfoTheRoomIsAllThatIsKnown) {
  FakeTree tree;
  std::vector<Absence> absences;
  const MemoryFacts memory = probe_memory(tree.roots(), {{}, 500, 200}, absences);
  EXPECT_EQ(memory.total_bytes, 0U);
  EXPECT_EQ(memory.usable_bytes, 200U);
  ASSERT_EQ(absences.size(), 1U);
  EXPECT_EQ(absences[0].what, "memory");
  EXPECT_EQ(probe_memory(tree.roots(), {}, absences).usable_bytes, 0U);
}

TEST(MemoryProbe, ATornMeminfoIsAnAbsence) {
  FakeTree tree;
  tree.put("proc/meminfo", "MemTotal:\nMemAvailable: x kB\n");
  std::vector<Absence> absences;
  EXPECT_EQ(probe_memory(tree.roots(), {}, absences).total_bytes, 0U);
  EXPECT_EQ(absences.size(), 1U);
}

}  // namespace
}  // namespace millrace::hw
