#include "hw/inventory.h"

#include <algorithm>

namespace millrace::hw {

double core_budget(const CpuFacts& cpu) {
  const double allowed = cpu.allowed_cores > 0 ? cpu.allowed_cores : cpu.usable_cores;
  return cpu.quota_cores ? std::min(*cpu.quota_cores, allowed) : allowed;
}

const std::string* absence_note(const Inventory& inventory, const std::string& what) {
  const auto found = std::find_if(inventory.absences.begin(), inventory.absences.end(),
                                  [&](const Absence& absence) { return absence.what == what; });
  return found == inventory.absences.end() ? nullptr : &found->note;
}

}  // namespace millrace::hw
