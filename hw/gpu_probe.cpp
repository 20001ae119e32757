#include "hw/gpu_probe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "hw/text_file.h"

namespace millrace::hw {
namespace {

constexpr std::string_view kNvidiaVendor = "0x10de";  // PCI vendor id
constexpr std::string_view kDisplayClass = "0x03";    // PCI base class: display controllers, 3D ones included

bool has_nvidia_card(const ProbeRoots& roots) {
  const std::string folder = roots.sys + "/bus/pci/devices";
  const std::vector<std::string> devices = list_names(folder);
  return std::any_of(devices.begin(), devices.end(), [&](const std::string& device) {
    return read_line(folder + "/" + device + "/vendor").value_or("") == kNvidiaVendor &&
           read_line(folder + "/" + device + "/class").value_or("").rfind(kDisplayClass, 0) == 0;
  });
}

bool is_numbered(std::string_view name, std::string_view prefix) {
  return name.substr(0, prefix.size()) == prefix && parse_number<unsigned>(name.substr(prefix.size()));
}

// nvidia0, nvidia1...: the cards. nvidiactl, nvidia-uvm and nvidia-modeset are not.
std::vector<std::string> nvidia_nodes(const ProbeRoots& roots) {
  std::vector<std::string> nodes = list_names(roots.dev);
  const auto other = [](const std::string& name) { return !is_numbered(name, "nvidia"); };
  nodes.erase(std::remove_if(nodes.begin(), nodes.end(), other), nodes.end());
  return nodes;
}

std::string nvidia_note(const ProbeRoots& roots) {
  const std::vector<std::string> nodes = nvidia_nodes(roots);
  const bool card = !nodes.empty() || has_nvidia_card(roots);
  if (!roots.library("libcuda.so.1")) {
    return card ? "libcuda.so.1 not found; install the NVIDIA driver, or in a container run with --gpus all"
                : "libcuda.so.1 not found; install the NVIDIA driver if this machine has an NVIDIA card "
                  "(none is "
                  "seen on the PCI bus)";
  }
  if (nodes.empty()) {
    return fmt::format(
        "no {}/nvidia0 though libcuda.so.1 loads; load the kernel module (modprobe nvidia), or in a "
        "container run with --gpus all",
        roots.dev);
  }
  // The control node, not a card: opening a card wakes it, which takes seconds without persistence mode.
  if (const int error = roots.device(roots.dev + "/nvidiactl"); error != 0) {
    if (error == EACCES || error == EPERM) {
      return "no permission on nvidiactl: let this user read and write /dev/nvidia*";
    }
    return fmt::format("nvidiactl does not open: {}; reinstall or restart the NVIDIA driver",
                       std::strerror(error));
  }
  if (!roots.library("libnvcuvid.so.1")) {
    return "libnvcuvid.so.1 not found; in a container add the driver capability `video` "
           "(NVIDIA_DRIVER_CAPABILITIES=compute,video,utility)";
  }
  return fmt::format("{} in place, but this version does not use NVIDIA GPUs yet; work runs on the CPU",
                     fmt::join(nodes, ", "));
}

std::string vaapi_note(const ProbeRoots& roots) {
  std::vector<std::string> usable;
  std::string trouble;
  bool nvidia_only = false;
  for (const std::string& node : list_names(roots.dev + "/dri")) {
    if (!is_numbered(node, "renderD")) continue;
    const std::string vendor = read_line(roots.sys + "/class/drm/" + node + "/device/vendor").value_or("");
    if (vendor == kNvidiaVendor) {
      nvidia_only = true;
      continue;
    }
    const int error = roots.device(roots.dev + "/dri/" + node);
    if (error == 0) {
      usable.push_back(node);
    } else if (trouble.empty() && error == EACCES) {
      trouble = fmt::format("no permission on {}: add the user to group render", node);
    } else if (trouble.empty() && error == EPERM) {
      trouble =
          fmt::format("no permission on {}: pass the device into the container (--device /dev/dri)", node);
    } else if (trouble.empty()) {
      trouble =
          fmt::format("{} does not open: {}; check the GPU's kernel driver", node, std::strerror(error));
    }
  }
  if (!usable.empty()) {
    return fmt::format("{} in place, but this version does not use VAAPI yet; work runs on the CPU",
                       fmt::join(usable, ", "));
  }
  if (!trouble.empty()) return trouble;
  if (nvidia_only) return "only NVIDIA render nodes, which offer no VAAPI encoder; nothing to mend";
  return fmt::format(
      "no render node in {}/dri; an Intel or AMD GPU needs its kernel driver, and in a container "
      "--device /dev/dri",
      roots.dev);
}

}  // namespace

std::vector<GpuFacts> probe_gpus(const ProbeRoots& roots, std::vector<Absence>& absences) {
  absences.push_back({"nvidia", nvidia_note(roots)});
  absences.push_back({"vaapi", vaapi_note(roots)});
  return {};
}

}  // namespace millrace::hw
