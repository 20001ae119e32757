#include "hw/cpu_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/hw/fake_tree.h"

namespace millrace::hw {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Four threads on two cores.
void put_four_threads(FakeTree& tree) {
  std::string cpuinfo;
  for (int cpu = 0; cpu < 4; ++cpu) {
    cpuinfo += "processor\t: " + std::to_string(cpu) +
               "\nvendor_id\t: AuthenticAMD\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n"
               "flags\t\t: fpu sse2 avx2 avx ssse3 sse4_1 sse4_2 fma\n\n";
    tree.put("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list",
             cpu % 2 == 0 ? "0,2\n" : "1,3\n");
  }
  tree.put("proc/cpuinfo", cpuinfo);
  tree.put("sys/devices/system/cpu/online", "0-3\n");
  tree.put("proc/self/status", "Name:\tmillrace\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\n");
}

CpuFacts probe_without_limits(const FakeTree& tree) {
  std::vector<Absence> absences;
  CpuFacts cpu = probe_cpu(tree.roots(), {}, absences);
  EXPECT_THAT(absences, IsEmpty());
  return cpu;
}

TEST(CpuProbe, ReadsVendorModelCoresAndSimd) {
  FakeTree tree;
  put_four_threads(tree);
  const CpuFacts cpu = probe_without_limits(tree);
  EXPECT_EQ(cpu.vendor, "AuthenticAMD");
  EXPECT_EQ(cpu.model, "AMD EPYC");
  EXPECT_EQ(cpu.physical_cores, 2);
  EXPECT_EQ(cpu.logical_cores, 4);
  EXPECT_EQ(cpu.allowed_cores, 4);
  EXPECT_EQ(cpu.quota_cores, std::nullopt);
  EXPECT_EQ(cpu.usable_cores, 4);
  EXPECT_THAT(cpu.simd, ElementsAre("sse2", "ssse3", "sse4.1", "sse4.2", "avx", "fma", "avx2"));
}

TEST(CpuProbe, AffinityCountsOnlyWhatIsOnline) {
  FakeTree tree;
  put_four_threads(tree);
  tree.put("proc/self/status", "Cpus_allowed_list:\t1-2,64-127\n");
  const CpuFacts cpu = probe_without_limits(tree);
  EXPECT_EQ(cpu.logical_cores, 4);
  EXPECT_EQ(cpu.allowed_cores, 2);
  EXPECT_EQ(cpu.usable_cores, 2);
}

struct QuotaCase {
  double quota;
  int usable;
  double budget;
};

TEST(CpuProbe, UsableCoresAreWholeAndTheBudgetKeepsTheFraction) {
  FakeTree tree;
  put_four_threads(tree);
  for (const QuotaCase& c :
       {QuotaCase{0.2, 1, 0.2}, {1.0, 1, 1.0}, {2.5, 2, 2.5}, {4.0, 4, 4.0}, {16.0, 4, 4.0}}) {
    std::vector<Absence> absences;
    const CpuFacts cpu = probe_cpu(tree.roots(), {c.quota, {}, {}}, absences);
    EXPECT_EQ(cpu.quota_cores, c.quota);
    EXPECT_EQ(cpu.usable_cores, c.usable) << "quota " << c.quota;
    EXPECT_EQ(core_budget(cpu), c.budget) << "quota " << c.quota;
  }
}

TEST(CpuProbe, ArmHasNoModelNameAndOtherFlags) {
  FakeTree tree;
  tree.put("proc/cpuinfo",
           "processor\t: 0\nFeatures\t: fp asimd evtstrm sve\nCPU implementer\t: 0x41\n\n"
           "processor\t: 1\nFeatures\t: fp asimd evtstrm sve\nCPU implementer\t: 0x41\n");
  const CpuFacts cpu = probe_without_limits(tree);
  EXPECT_EQ(cpu.vendor, "ARM");
  EXPECT_EQ(cpu.model, "");
  EXPECT_EQ(cpu.logical_cores, 2) << "counted from cpuinfo where sysfs is absent";
  EXPECT_EQ(cpu.physical_cores, 2);
  EXPECT_THAT(cpu.simd, ElementsAre("neon", "sve"));
}

TEST(CpuProbe, ABadModelNameCannotSpoilJson) {
  FakeTree tree;
  tree.put("proc/cpuinfo", "processor\t: 0\nvendor_id\t: \xff\xfe\nmodel name\t: Q\x80MU\n");
  const CpuFacts cpu = probe_without_limits(tree);
  EXPECT_EQ(cpu.vendor, "??");
  EXPECT_EQ(cpu.model, "Q?MU");
}

TEST(CpuProbe, NothingReadableIsOneCoreAndAnAbsence) {
  FakeTree tree;
  std::vector<Absence> absences;
  const CpuFacts cpu = probe_cpu(tree.roots(), {}, absences);
  EXPECT_EQ(cpu.vendor, "unknown");
  EXPECT_EQ(cpu.logical_cores, 1);
  EXPECT_EQ(cpu.physical_cores, 1);
  EXPECT_EQ(cpu.usable_cores, 1);
  ASSERT_EQ(absences.size(), 1U);
  EXPECT_EQ(absences[0].what, "cpu");
  EXPECT_NE(absences[0].note.find("cpuinfo cannot be read"), std::string::npos);
}

TEST(CpuProbe, ParsesKernelCpuLists) {
  EXPECT_THAT(parse_cpu_list("0-3,8\n"), ElementsAre(0, 1, 2, 3, 8));
  EXPECT_THAT(parse_cpu_list("5"), ElementsAre(5));
  EXPECT_THAT(parse_cpu_list(""), IsEmpty());
  EXPECT_THAT(parse_cpu_list("x,2-,-1,3-1,7"), ElementsAre(7));
  EXPECT_EQ(parse_cpu_list("0-2147483647").size(), 16384U) << "a torn list stays small";
}

}  // namespace
}  // namespace millrace::hw
