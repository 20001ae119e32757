// What the kernel shows of GPUs before any driver is asked: PCI cards and device nodes. Reads files, opens
// and closes nodes; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hw/probe_roots.h"

namespace millrace::hw {

// Whether an NVIDIA card is on the PCI bus. Their sound devices are no cards.
bool has_nvidia_card(const ProbeRoots& roots);

// nvidia0, nvidia1...: the cards. nvidiactl, nvidia-uvm and nvidia-modeset are not.
std::vector<std::string> nvidia_nodes(const ProbeRoots& roots);

// What keeps this process from the nodes of NVIDIA cards, and how to mend it; nothing where they are as they
// should be.
std::optional<std::string> nvidia_node_trouble(const ProbeRoots& roots);

struct RenderNode {
  std::string name;    // "renderD128"
  std::string path;    // "/dev/dri/renderD128"
  std::string vendor;  // "nvidia", "intel", "amd" or "other"
  std::string model;   // "8086:56a0", the PCI ids; empty where the kernel does not tell
  std::string pci;     // "0000:03:00.0"; likewise
};

// By the number of the node.
std::vector<RenderNode> render_nodes(const ProbeRoots& roots);

// What keeps this process from that node, and how to mend it; nothing where it opens.
std::optional<std::string> render_node_trouble(const RenderNode& node, const ProbeRoots& roots);

}  // namespace millrace::hw
