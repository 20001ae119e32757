#include "hw/gpu_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "hw/child_answer.h"
#include "hw/driver_probe.h"
#include "hw/gpu_nodes.h"
#include "hw/inventory_json.h"

namespace millrace::hw {
namespace {

// Why NVIDIA's driver need not be asked; nothing where something of it is there.
std::optional<std::string> why_no_nvidia(const ProbeRoots& roots) {
  if (!nvidia_nodes(roots).empty() || has_nvidia_card(roots) || roots.library("libcuda.so.1"))
    return std::nullopt;
  return "libcuda.so.1 not found; install the NVIDIA driver if this machine has an NVIDIA card (none is seen "
         "on the PCI bus)";
}

// Likewise of VAAPI, whose devices are render nodes.
std::optional<std::string> why_no_vaapi(const ProbeRoots& roots) {
  const std::vector<RenderNode> nodes = render_nodes(roots);
  if (nodes.empty()) {
    return fmt::format(
        "no render node in {}/dri; an Intel or AMD GPU needs its kernel driver, and in a container "
        "--device /dev/dri",
        roots.dev);
  }
  const auto nvidia = [](const RenderNode& node) { return node.vendor == "nvidia"; };
  if (!std::all_of(nodes.begin(), nodes.end(), nvidia)) return std::nullopt;
  return "only NVIDIA render nodes, which offer no VAAPI encoder; nothing to mend";
}

// What the kind's driver says, or why it says nothing, as an absence of that kind.
Inventory ask_by_child(std::string_view kind, const ProbeRoots& roots) {
  const auto absent = [&](std::string note) {
    Inventory nothing;
    nothing.absences.push_back({std::string(kind), std::move(note)});
    return nothing;
  };
  if (roots.program.empty()) return absent("something of it is in place, but its driver was not asked");
  const ChildAnswer answer = ask_child(roots.program, {"probe-gpus", std::string(kind)}, roots.patience);
  if (!answer.trouble.empty()) {
    return absent(fmt::format(
        "the process that asks the driver {}; see the kernel's log, restart the machine or reinstall "
        "the driver; until then work runs on the CPU",
        answer.trouble));
  }
  std::optional<Inventory> inventory = inventory_of(answer.text);
  if (!inventory) {
    return absent(fmt::format(
        "{} probe-gpus gives an answer that this program does not read; install both from one build",
        roots.program));
  }
  return std::move(*inventory);
}

}  // namespace

std::vector<GpuFacts> probe_gpus(const ProbeRoots& roots, std::vector<Absence>& absences) {
  std::vector<GpuFacts> gpus;
  const auto look = [&](std::string_view kind, std::optional<std::string> why_none) {
    if (why_none) {
      absences.push_back({std::string(kind), std::move(*why_none)});
      return;
    }
    Inventory found = ask_by_child(kind, roots);
    std::move(found.gpus.begin(), found.gpus.end(), std::back_inserter(gpus));
    std::move(found.absences.begin(), found.absences.end(), std::back_inserter(absences));
  };
  look(kNvidiaKind, why_no_nvidia(roots));
  look(kVaapiKind, why_no_vaapi(roots));
  return gpus;
}

}  // namespace millrace::hw
