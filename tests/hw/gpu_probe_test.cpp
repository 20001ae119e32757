#include "hw/gpu_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/hw/fake_tree.h"

namespace millrace::hw {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string note(const FakeTree& tree, const std::string& what) {
  Inventory inventory;
  EXPECT_THAT(probe_gpus(tree.roots(), inventory.absences), IsEmpty());
  EXPECT_EQ(inventory.absences.size(), 2U);
  const std::string* found = absence_note(inventory, what);
  return found != nullptr ? *found : "no absence " + what;
}

void put_nvidia_card(FakeTree& tree) {
  tree.put("sys/bus/pci/devices/0000:00:01.0/vendor", "0x8086\n");
  tree.put("sys/bus/pci/devices/0000:00:01.0/class", "0x060000\n");
  tree.put("sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n");
  tree.put("sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n");
}

void put_nvidia_driver(FakeTree& tree) {
  tree.put("dev/nvidia0", "");
  tree.put("dev/nvidiactl", "");
  tree.put("dev/nvidia-uvm", "");
  tree.libraries = {"libcuda.so.1", "libnvcuvid.so.1"};
}

TEST(GpuProbe, AnEmptyMachineSaysWhatItLacks) {
  const FakeTree tree;
  EXPECT_THAT(note(tree, "nvidia"), StartsWith("libcuda.so.1 not found; install the NVIDIA driver if"));
  EXPECT_THAT(note(tree, "vaapi"), StartsWith("no render node in "));
}

TEST(GpuProbe, ACardWithoutADriverAsksForTheDriver) {
  FakeTree tree;
  put_nvidia_card(tree);
  EXPECT_THAT(note(tree, "nvidia"), StartsWith("libcuda.so.1 not found; install the NVIDIA driver, or"));
}

TEST(GpuProbe, AnNvidiaSoundDeviceIsNoCard) {
  FakeTree tree;
  tree.put("sys/bus/pci/devices/0000:01:00.1/vendor", "0x10de\n");
  tree.put("sys/bus/pci/devices/0000:01:00.1/class", "0x040300\n");
  EXPECT_THAT(note(tree, "nvidia"), HasSubstr("if this machine has an NVIDIA card"));
}

TEST(GpuProbe, ADriverWithoutANodeAsksForTheModule) {
  FakeTree tree;
  put_nvidia_driver(tree);
  std::filesystem::remove(tree.path("dev/nvidia0"));
  EXPECT_THAT(note(tree, "nvidia"), HasSubstr("modprobe nvidia"));
  EXPECT_THAT(note(tree, "nvidia"), HasSubstr("--gpus all"));
}

TEST(GpuProbe, NvidiaWithoutPermissionSaysSo) {
  FakeTree tree;
  put_nvidia_driver(tree);
  tree.device_errors["nvidiactl"] = EACCES;
  EXPECT_THAT(note(tree, "nvidia"), StartsWith("no permission on nvidiactl"));
  tree.device_errors["nvidiactl"] = EIO;
  EXPECT_THAT(note(tree, "nvidia"), StartsWith("nvidiactl does not open: Input/output error"));
}

TEST(GpuProbe, AContainerWithoutTheVideoCapabilityIsTold) {
  FakeTree tree;
  put_nvidia_driver(tree);
  tree.libraries.erase("libnvcuvid.so.1");
  EXPECT_THAT(note(tree, "nvidia"), StartsWith("libnvcuvid.so.1 not found"));
  EXPECT_THAT(note(tree, "nvidia"), HasSubstr("NVIDIA_DRIVER_CAPABILITIES"));
}

TEST(GpuProbe, AWorkingNvidiaGpuIsSaidToBeUnused) {
  FakeTree tree;
  put_nvidia_driver(tree);
  EXPECT_EQ(note(tree, "nvidia"),
            "nvidia0 in place, but this version does not use NVIDIA GPUs yet; work runs on the CPU");
}

TEST(GpuProbe, ARenderNodeWithoutPermissionNamesTheGroup) {
  FakeTree tree;
  tree.put("dev/dri/card0", "");
  tree.put("dev/dri/renderD128", "");
  tree.device_errors["renderD128"] = EACCES;
  EXPECT_EQ(note(tree, "vaapi"), "no permission on renderD128: add the user to group render");
  tree.device_errors["renderD128"] = EPERM;
  EXPECT_THAT(note(tree, "vaapi"), HasSubstr("--device /dev/dri")) << "the device cgroup refuses with EPERM";
  tree.device_errors["renderD128"] = ENODEV;
  EXPECT_THAT(note(tree, "vaapi"), StartsWith("renderD128 does not open: No such device"));
}

TEST(GpuProbe, OneUsableRenderNodeIsEnough) {
  FakeTree tree;
  tree.put("dev/dri/renderD128", "");
  tree.put("dev/dri/renderD129", "");
  tree.device_errors["renderD128"] = EACCES;
  EXPECT_THAT(note(tree, "vaapi"), StartsWith("renderD129 in place"));
}

TEST(GpuProbe, ACardNodeAloneIsNoRenderNode) {
  FakeTree tree;
  tree.put("dev/dri/card0", "");
  EXPECT_THAT(note(tree, "vaapi"), StartsWith("no render node in "));
}

TEST(GpuProbe, AnNvidiaRenderNodeIsNoVaapiDevice) {
  FakeTree tree;
  tree.put("dev/dri/renderD128", "");
  tree.put("sys/class/drm/renderD128/device/vendor", "0x10de\n");
  EXPECT_THAT(note(tree, "vaapi"), StartsWith("only NVIDIA render nodes"));
  EXPECT_THAT(note(tree, "vaapi"), Not(HasSubstr("in place")));
}

}  // namespace
}  // namespace millrace::hw
