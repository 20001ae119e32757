#include "hw/cgroup.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "tests/hw/fake_tree.h"

namespace millrace::hw {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

// Version 2 alone, as systemd sets it up; the process is two groups down.
void put_version_2(FakeTree& tree, const std::string& path) {
  tree.put("proc/self/cgroup", "0::" + path + "\n");
  tree.put("proc/self/mountinfo",
           "23 27 0:22 / /sys rw,relatime - sysfs sysfs rw\n"
           "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
}

// Hybrid: version 1 controllers on mounts of their own beside a version 2 mount that has none.
void put_hybrid(FakeTree& tree) {
  tree.put(
      "proc/self/cgroup",
      "9:name=systemd:/\n8:pids:/\n4:memory:/process_api/830cc2\n3:cpuset:/\n2:cpuacct:/\n1:cpu:/\n0::/\n");
  tree.put("proc/self/mountinfo",
           "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
           "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
           "33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"
           "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
           "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n"
           "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n");
  tree.put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  tree.put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  tree.put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  tree.put("sys/fs/cgroup/memory/process_api/memory.limit_in_bytes", "9223372036854771712\n");
  tree.put("sys/fs/cgroup/memory/process_api/830cc2/memory.limit_in_bytes", "9223372036854771712\n");
  tree.put("sys/fs/cgroup/memory/process_api/830cc2/memory.usage_in_bytes", "7827456\n");
}

TEST(Cgroup, WithoutAnyFileNothingIsLimited) {
  FakeTree tree;
  const CgroupLimits limits = read_cgroup_limits(tree.roots());
  EXPECT_EQ(limits.quota_cores, std::nullopt);
  EXPECT_EQ(limits.memory_bytes, std::nullopt);
  EXPECT_EQ(limits.memory_room_bytes, std::nullopt);
}

TEST(Cgroup, HybridWithoutLimitsIsUnlimited) {
  FakeTree tree;
  put_hybrid(tree);
  const CgroupLimits limits = read_cgroup_limits(tree.roots());
  EXPECT_EQ(limits.quota_cores, std::nullopt);
  EXPECT_EQ(limits.memory_bytes, std::nullopt) << "the largest number of pages in 63 bits means no limit";
}

TEST(Cgroup, HybridReadsVersion1WhereItsMountIs) {
  FakeTree tree;
  put_hybrid(tree);
  tree.put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n");
  tree.put("sys/fs/cgroup/memory/process_api/830cc2/memory.limit_in_bytes", "1073741824\n");
  tree.put("sys/fs/cgroup/memory/process_api/830cc2/memory.usage_in_bytes", "209715200\n");
  tree.put("sys/fs/cgroup/memory/process_api/830cc2/memory.stat",
           "inactive_file 1\ntotal_inactive_file 104857600\n");
  tree.put("sys/fs/cgroup/unified/cpu.max", "1000 100000\n");
  const CgroupLimits limits = read_cgroup_limits(tree.roots());
  EXPECT_EQ(limits.quota_cores, 1.5);
  EXPECT_EQ(limits.memory_bytes, 1024 * kMiB);
  EXPECT_EQ(limits.memory_room_bytes, 924 * kMiB) << "1024 less 200 in use, of which 100 is cache";
}

TEST(Cgroup, Version1LimitOfAnAncestorBinds) {
  FakeTree tree;
  put_hybrid(tree);
  tree.put("sys/fs/cgroup/memory/process_api/memory.limit_in_bytes", "536870912\n");
  tree.put("sys/fs/cgroup/memory/process_api/830cc2/memory.limit_in_bytes", "1073741824\n");
  EXPECT_EQ(read_cgroup_limits(tree.roots()).memory_bytes, 512 * kMiB);
}

TEST(Cgroup, Version1ControllersMayShareAMount) {
  FakeTree tree;
  tree.put("proc/self/cgroup", "4:cpu,cpuacct:/user.slice\n");
  tree.put("proc/self/mountinfo",
           "32 31 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
           "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:3 - cgroup cgroup rw,cpu,cpuacct\n");
  tree.put("sys/fs/cgroup/cpu,cpuacct/user.slice/cpu.cfs_quota_us", "300000\n");
  tree.put("sys/fs/cgroup/cpu,cpuacct/user.slice/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(read_cgroup_limits(tree.roots()).quota_cores, 3.0);
}

TEST(Cgroup, Version1ContainerSeesItsOwnGroupAtTheMount) {
  FakeTree tree;
  tree.put("proc/self/cgroup", "4:memory:/docker/abc/inner\n1:cpu:/docker/abc\n");
  tree.put("proc/self/mountinfo",
           "32 31 0:29 /docker/abc /sys/fs/cgroup/cpu ro master:11 - cgroup cgroup rw,cpu\n"
           "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro master:14 - cgroup cgroup rw,memory\n");
  tree.put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
  tree.put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  tree.put("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "268435456\n");
  const CgroupLimits limits = read_cgroup_limits(tree.roots());
  EXPECT_EQ(limits.quota_cores, 0.5);
  EXPECT_EQ(limits.memory_bytes, 256 * kMiB);
}

TEST(Cgroup, Version2ReadsItsOwnGroup) {
  FakeTree tree;
  put_version_2(tree, "/system.slice/millrace.service");
  const std::string group = "sys/fs/cgroup/system.slice/millrace.service/";
  tree.put(group + "cpu.max", "250000 100000\n");
  tree.put(group + "memory.max", "2147483648\n");
  tree.put(group + "memory.high", "max\n");
  tree.put(group + "memory.current", "1073741824\n");
  tree.put(group + "memory.stat", "anon 1\ninactive_file 536870912\n");
  const CgroupLimits limits = read_cgroup_limits(tree.roots());
  EXPECT_EQ(limits.quota_cores, 2.5);
  EXPECT_EQ(limits.memory_bytes, 2048 * kMiB);
  EXPECT_EQ(limits.memory_room_bytes, 1536 * kMiB);
}

TEST(Cgroup, Version2MaxIsNoLimit) {
  FakeTree tree;
  put_version_2(tree, "/a");
  tree.put("sys/fs/cgroup/a/cpu.max", "max 100000\n");
  tree.put("sys/fs/cgroup/a/memory.max", "max\n");
  tree.put("sys/fs/cgroup/a/memory.current", "1024\n");
  const CgroupLimits limits = read_cgroup_limits(tree.roots());
  EXPECT_EQ(limits.quota_cores, std::nullopt);
  EXPECT_EQ(limits.memory_bytes, std::nullopt);
  EXPECT_EQ(limits.memory_room_bytes, std::nullopt);
}

TEST(Cgroup, Version2TheTightestGroupOnTheWayUpBinds) {
  FakeTree tree;
  put_version_2(tree, "/pod/container/worker");
  tree.put("sys/fs/cgroup/pod/container/worker/cpu.max", "max 100000\n");
  tree.put("sys/fs/cgroup/pod/container/cpu.max", "200000 50000\n");
  tree.put("sys/fs/cgroup/pod/cpu.max", "20000 100000\n");
  tree.put("sys/fs/cgroup/pod/container/memory.max", "1073741824\n");
  tree.put("sys/fs/cgroup/pod/container/memory.current", "0\n");
  tree.put("sys/fs/cgroup/pod/memory.max", "2147483648\n");
  tree.put("sys/fs/cgroup/pod/memory.current", "2040109465\n");
  const CgroupLimits limits = read_cgroup_limits(tree.roots());
  EXPECT_EQ(limits.quota_cores, 0.2) << "a fifth of a core, not rounded up or down";
  EXPECT_EQ(limits.memory_bytes, 1024 * kMiB);
  EXPECT_EQ(limits.memory_room_bytes, 2147483648U - 2040109465U) << "the wider limit has less room left";
}

TEST(Cgroup, MemoryHighBindsLikeALimit) {
  FakeTree tree;
  put_version_2(tree, "/");
  tree.put("sys/fs/cgroup/memory.max", "1073741824\n");
  tree.put("sys/fs/cgroup/memory.high", "536870912\n");
  EXPECT_EQ(read_cgroup_limits(tree.roots()).memory_bytes, 512 * kMiB);
}

TEST(Cgroup, UsageAboveTheLimitLeavesNoRoom) {
  FakeTree tree;
  put_version_2(tree, "/");
  tree.put("sys/fs/cgroup/memory.max", "1048576\n");
  tree.put("sys/fs/cgroup/memory.current", "2097152\n");
  EXPECT_EQ(read_cgroup_limits(tree.roots()).memory_room_bytes, 0U);
}

TEST(Cgroup, AGroupOutsideTheNamespaceReadsTheMountAlone) {
  FakeTree tree;
  put_version_2(tree, "/../../other");
  tree.put("sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_EQ(read_cgroup_limits(tree.roots()).quota_cores, 1.0);
}

TEST(Cgroup, TornFilesAreNoLimits) {
  FakeTree tree;
  put_version_2(tree, "/");
  tree.put("sys/fs/cgroup/cpu.max", "100000\n");
  tree.put("sys/fs/cgroup/memory.max", "lots\n");
  EXPECT_EQ(read_cgroup_limits(tree.roots()).quota_cores, std::nullopt);
  EXPECT_EQ(read_cgroup_limits(tree.roots()).memory_bytes, std::nullopt);
  tree.put("sys/fs/cgroup/cpu.max", "100000 0\n");
  EXPECT_EQ(read_cgroup_limits(tree.roots()).quota_cores, std::nullopt) << "no division by a period of zero";
  tree.put("proc/self/mountinfo", "garbage\n- - -\n\n41 31 0:38 / /sys/fs/cgroup rw -\n");
  tree.put("proc/self/cgroup", "garbage\n0:\n");
  EXPECT_EQ(read_cgroup_limits(tree.roots()).quota_cores, std::nullopt);
}

}  // namespace
}  // namespace millrace::hw
