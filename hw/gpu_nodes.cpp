#include "hw/gpu_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "hw/text_file.h"

namespace millrace::hw {
namespace {

// PCI vendor ids.
constexpr std::string_view kNvidia = "0x10de";
constexpr std::string_view kIntel = "0x8086";
constexpr std::string_view kAmd = "0x1002";
constexpr std::string_view kDisplayClass = "0x03";  // PCI base class: display controllers, 3D ones included

std::optional<unsigned> number_after(std::string_view name, std::string_view prefix) {
  if (name.substr(0, prefix.size()) != prefix) return std::nullopt;
  return parse_number<unsigned>(name.substr(prefix.size()));
}

// Names that are the prefix and a number, by that number: nvidia10 stands behind nvidia9.
std::vector<std::string> numbered(std::vector<std::string> names, std::string_view prefix) {
  const auto number = [&](const std::string& name) { return number_after(name, prefix); };
  names.erase(
      std::remove_if(names.begin(), names.end(), [&](const std::string& name) { return !number(name); }),
      names.end());
  std::sort(names.begin(), names.end(),
            [&](const std::string& a, const std::string& b) { return *number(a) < *number(b); });
  return names;
}

std::string vendor_of(std::string_view id) {
  if (id == kNvidia) return "nvidia";
  if (id == kIntel) return "intel";
  return id == kAmd ? "amd" : "other";
}

// "0x8086" is "8086".
std::string_view digits(std::string_view id) { return id.substr(0, 2) == "0x" ? id.substr(2) : id; }

}  // namespace

bool has_nvidia_card(const ProbeRoots& roots) {
  const std::string folder = roots.sys + "/bus/pci/devices";
  const std::vector<std::string> devices = list_names(folder);
  return std::any_of(devices.begin(), devices.end(), [&](const std::string& device) {
    return read_line(folder + "/" + device + "/vendor").value_or("") == kNvidia &&
           read_line(folder + "/" + device + "/class").value_or("").rfind(kDisplayClass, 0) == 0;
  });
}

std::vector<std::string> nvidia_nodes(const ProbeRoots& roots) {
  return numbered(list_names(roots.dev), "nvidia");
}

std::optional<std::string> nvidia_node_trouble(const ProbeRoots& roots) {
  if (nvidia_nodes(roots).empty()) {
    return fmt::format(
        "no {}/nvidia0; load the kernel module (modprobe nvidia), or in a container run with --gpus all",
        roots.dev);
  }
  // The control node, not a card: opening a card wakes it, which takes seconds without persistence mode.
  const int error = roots.device(roots.dev + "/nvidiactl");
  if (error == 0) return std::nullopt;
  if (error == EACCES || error == EPERM)
    return "no permission on nvidiactl: let this user read and write /dev/nvidia*";
  return fmt::format("nvidiactl does not open: {}; reinstall or restart the NVIDIA driver",
                     std::strerror(error));
}

std::vector<RenderNode> render_nodes(const ProbeRoots& roots) {
  std::vector<RenderNode> nodes;
  for (const std::string& name : numbered(list_names(roots.dev + "/dri"), "renderD")) {
    const std::string device = roots.sys + "/class/drm/" + name + "/device";
    const std::string vendor = read_line(device + "/vendor").value_or("");
    const std::string model = read_line(device + "/device").value_or("");
    RenderNode node{name, roots.dev + "/dri/" + name, vendor_of(vendor), {}, {}};
    if (!vendor.empty() && !model.empty()) node.model = fmt::format("{}:{}", digits(vendor), digits(model));
    std::error_code error;
    const std::filesystem::path link = std::filesystem::read_symlink(device, error);
    if (!error) node.pci = link.filename().string();
    nodes.push_back(std::move(node));
  }
  return nodes;
}

std::optional<std::string> render_node_trouble(const RenderNode& node, const ProbeRoots& roots) {
  const int error = roots.device(node.path);
  if (error == 0) return std::nullopt;
  if (error == EACCES) return fmt::format("no permission on {}: add the user to group render", node.name);
  if (error == EPERM) {  // the device cgroup of a container
    return fmt::format("no permission on {}: pass the device into the container (--device /dev/dri)",
                       node.name);
  }
  return fmt::format("{} does not open: {}; check the GPU's kernel driver", node.name, std::strerror(error));
}

}  // namespace millrace::hw
