#include "hw/probe.h"

#include <string>

#include "hw/cgroup.h"
#include "hw/confinement_probe.h"
#include "hw/cpu_probe.h"
#include "hw/gpu_probe.h"
#include "hw/memory_probe.h"
#include "hw/text_file.h"

namespace millrace::hw {
namespace {

// PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" (os-release(5)).
std::string os_name(const ProbeRoots& roots) {
  const std::string release = read_text(roots.etc + "/os-release").value_or("");
  std::string_view name = field(release, "PRETTY_NAME", '=').value_or("Linux");
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  return printable(name);
}

}  // namespace

Inventory probe(const ProbeRoots& roots) {
  Inventory inventory;
  inventory.os = os_name(roots);
  inventory.kernel = printable(read_line(roots.proc + "/sys/kernel/osrelease").value_or("unknown"));
  const CgroupLimits limits = read_cgroup_limits(roots);
  inventory.cpu = probe_cpu(roots, limits, inventory.absences);
  inventory.memory = probe_memory(roots, limits, inventory.absences);
  inventory.gpus = probe_gpus(roots, inventory.absences);
  inventory.confinement = probe_confinement(roots, inventory.absences);
  return inventory;
}

}  // namespace millrace::hw
