#include "hw/gpu_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "hw/inventory_json.h"
#include "tests/hw/fake_tree.h"

namespace millrace::hw {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Probes the tree; `script` stands in for the program that asks drivers, its kind in $2. Empty: none is
// named.
Inventory look(FakeTree& tree, const std::string& script = "") {
  ProbeRoots roots = tree.roots();
  if (!script.empty()) {
    tree.put("program", "#!/bin/sh\n" + script + "\n");
    roots.program = tree.path("program");
    std::filesystem::permissions(roots.program, std::filesystem::perms::owner_all);
  }
  Inventory inventory;
  inventory.gpus = probe_gpus(roots, inventory.absences);
  return inventory;
}

std::string note(const Inventory& inventory, const std::string& what) {
  const std::string* const found = absence_note(inventory, what);
  return found != nullptr ? *found : "no absence " + what;
}

void put_nvidia_card(FakeTree& tree) {
  tree.put("sys/bus/pci/devices/0000:00:01.0/vendor", "0x8086\n");
  tree.put("sys/bus/pci/devices/0000:00:01.0/class", "0x060000\n");
  tree.put("sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n");
  tree.put("sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n");
}

// The drivers' answer: one device of each kind that is asked.
std::string answering(const std::string& kind) {
  Inventory found;
  found.gpus.push_back({kind == "nvidia" ? "nvidia" : "intel", "a device of " + kind, 0, 0, "1.0", {1, 1}});
  return "[ $1 = probe-gpus ] && [ $2 = " + kind + " ] && cat >&3 <<'END'\n" + to_json(found).dump() +
         "\nEND";
}

TEST(GpuProbe, AnEmptyMachineSaysWhatItLacksAndAsksNobody) {
  FakeTree tree;
  const Inventory inventory = look(tree, "kill -SEGV $$");
  EXPECT_THAT(inventory.gpus, IsEmpty());
  EXPECT_THAT(inventory.absences, SizeIs(2));
  EXPECT_THAT(note(inventory, "nvidia"), StartsWith("libcuda.so.1 not found; install the NVIDIA driver if"));
  EXPECT_THAT(note(inventory, "vaapi"), StartsWith("no render node in "));
}

TEST(GpuProbe, AnNvidiaSoundDeviceIsNoCard) {
  FakeTree tree;
  tree.put("sys/bus/pci/devices/0000:01:00.1/vendor", "0x10de\n");
  tree.put("sys/bus/pci/devices/0000:01:00.1/class", "0x040300\n");
  EXPECT_THAT(note(look(tree, answering("nvidia")), "nvidia"),
              HasSubstr("if this machine has an NVIDIA card"));
}

TEST(GpuProbe, AnySignOfNvidiaHasItsDriverAsked) {
  FakeTree card;
  put_nvidia_card(card);
  FakeTree node;
  node.put("dev/nvidia0", "");
  FakeTree library;  // as under Windows' subsystem for Linux, which has no node
  library.libraries = {"libcuda.so.1"};
  for (FakeTree* tree : {&card, &node, &library}) {
    const Inventory inventory = look(*tree, answering("nvidia"));
    ASSERT_THAT(inventory.gpus, SizeIs(1));
    EXPECT_EQ(inventory.gpus[0].name, "a device of nvidia");
    EXPECT_EQ(note(inventory, "nvidia"), "no absence nvidia");
    EXPECT_THAT(note(inventory, "vaapi"), StartsWith("no render node"));
  }
}

TEST(GpuProbe, TheControlNodeAloneIsNoSign) {
  FakeTree tree;
  tree.put("dev/nvidiactl", "");
  EXPECT_THAT(note(look(tree, answering("nvidia")), "nvidia"), StartsWith("libcuda.so.1 not found"));
}

TEST(GpuProbe, ARenderNodeHasVaapiAsked) {
  FakeTree tree;
  tree.put("dev/dri/card0", "");
  EXPECT_THAT(note(look(tree, answering("vaapi")), "vaapi"), StartsWith("no render node in "));
  tree.put("dev/dri/renderD128", "");
  const Inventory inventory = look(tree, answering("vaapi"));
  ASSERT_THAT(inventory.gpus, SizeIs(1));
  EXPECT_EQ(inventory.gpus[0].name, "a device of vaapi");
}

TEST(GpuProbe, AnNvidiaRenderNodeIsNoVaapiDevice) {
  FakeTree tree;
  tree.put("dev/dri/renderD128", "");
  tree.put("sys/class/drm/renderD128/device/vendor", "0x10de\n");
  EXPECT_THAT(note(look(tree, answering("vaapi")), "vaapi"), StartsWith("only NVIDIA render nodes"));
}

TEST(GpuProbe, ADriverThatCrashesCostsItsOwnKindAlone) {
  FakeTree tree;
  put_nvidia_card(tree);
  tree.put("dev/dri/renderD128", "");
  const Inventory inventory = look(tree, "[ $2 = nvidia ] && kill -SEGV $$\n" + answering("vaapi"));
  EXPECT_THAT(inventory.gpus, SizeIs(1));
  EXPECT_THAT(note(inventory, "nvidia"),
              AllOf(HasSubstr("died of signal 11"), HasSubstr("until then work runs on the CPU")));
  EXPECT_EQ(note(inventory, "vaapi"), "no absence vaapi");
}

TEST(GpuProbe, AnAnswerThatCannotBeReadIsAnAbsence) {
  FakeTree tree;
  put_nvidia_card(tree);
  EXPECT_THAT(note(look(tree, "printf '{}' >&3"), "nvidia"), HasSubstr("does not read"));
  EXPECT_THAT(note(look(tree, "exit 2"), "nvidia"), HasSubstr("ended with code 2"));
}

TEST(GpuProbe, WithoutAProgramDriversAreNotAsked) {
  FakeTree tree;
  put_nvidia_card(tree);
  EXPECT_THAT(note(look(tree), "nvidia"), HasSubstr("its driver was not asked"));
}

}  // namespace
}  // namespace millrace::hw
