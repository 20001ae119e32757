#include "hw/inventory.h"

#include <algorithm>

namespace millrace::hw {
namespace {

const std::string* first_note(const std::vector<Absence>& absences, const std::string& what) {
  const auto found = std::find_if(absences.begin(), absences.end(),
                                  [&](const Absence& absence) { return absence.what == what; });
  return found == absences.end() ? nullptr : &found->note;
}

}  // namespace

double core_budget(const CpuFacts& cpu) {
  const double allowed = cpu.allowed_cores > 0 ? cpu.allowed_cores : cpu.usable_cores;
  return cpu.quota_cores ? std::min(*cpu.quota_cores, allowed) : allowed;
}

const std::string* absence_note(const Inventory& inventory, const std::string& what) {
  return first_note(inventory.absences, what);
}

const std::string* absence_note(const GpuFacts& gpu, const std::string& what) {
  return first_note(gpu.absences, what);
}

}  // namespace millrace::hw
