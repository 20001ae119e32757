#include "hw/confinement_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/hw/fake_tree.h"

namespace millrace::hw {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Probed {
  ConfinementFacts facts;
  Inventory inventory;
};

Probed probe_with(int landlock, int seccomp) {
  FakeTree tree;
  tree.landlock = landlock;
  tree.seccomp = seccomp;
  Probed probed;
  probed.facts = probe_confinement(tree.roots(), probed.inventory.absences);
  return probed;
}

// A sanitizer build offers nothing, and says why; what the kernel has does not matter then.
bool sanitized() {
  const Probed probed = probe_with(2, 0);
  const std::string* note = absence_note(probed.inventory, "seccomp");
  return note != nullptr && note->find("sanitizer") != std::string::npos;
}

TEST(ConfinementProbe, WhatTheKernelHasIsNoAbsence) {
  if (sanitized()) GTEST_SKIP() << "a sanitizer build offers no confinement";
  const Probed probed = probe_with(2, 0);
  EXPECT_EQ(probed.facts.landlock, 2);
  EXPECT_TRUE(probed.facts.seccomp);
  EXPECT_THAT(probed.inventory.absences, IsEmpty());
}

TEST(ConfinementProbe, EachWayOfMissingItHasItsMending) {
  if (sanitized()) GTEST_SKIP() << "a sanitizer build offers no confinement";
  EXPECT_THAT(*absence_note(probe_with(-EOPNOTSUPP, 0).inventory, "landlock"), HasSubstr("lsm="));
  EXPECT_THAT(*absence_note(probe_with(-ENOSYS, 0).inventory, "landlock"), HasSubstr("Linux 5.13"));
  EXPECT_THAT(*absence_note(probe_with(-EPERM, 0).inventory, "landlock"), HasSubstr("seccomp profile"));
  const Probed without = probe_with(7, EINVAL);
  EXPECT_FALSE(without.facts.seccomp);
  EXPECT_EQ(without.facts.landlock, 7);
  EXPECT_THAT(*absence_note(without.inventory, "seccomp"), HasSubstr("CONFIG_SECCOMP_FILTER"));
}

TEST(ConfinementProbe, ASanitizerBuildSaysSo) {
  const Probed probed = probe_with(7, 0);
  if (!sanitized()) {
    EXPECT_EQ(absence_note(probed.inventory, "landlock"), nullptr);
    return;
  }
  EXPECT_EQ(probed.facts.landlock, 0);
  EXPECT_FALSE(probed.facts.seccomp);
  EXPECT_THAT(*absence_note(probed.inventory, "landlock"), HasSubstr("sanitizer"));
}

}  // namespace
}  // namespace millrace::hw
