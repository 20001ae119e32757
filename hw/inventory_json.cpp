#include "hw/inventory_json.h"

#include <optional>
#include <utility>

namespace millrace::hw {
namespace {

using Json = nlohmann::ordered_json;

template <typename Number>
Json number_or_null(const std::optional<Number>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json cpu_json(const CpuFacts& cpu) {
  return {{"vendor", cpu.vendor},
          {"model", cpu.model},
          {"physical_cores", cpu.physical_cores},
          {"logical_cores", cpu.logical_cores},
          {"allowed_cores", cpu.allowed_cores},
          {"quota_cores", number_or_null(cpu.quota_cores)},
          {"usable_cores", cpu.usable_cores},
          {"simd", cpu.simd}};
}

Json memory_json(const MemoryFacts& memory) {
  return {{"total_bytes", memory.total_bytes},
          {"available_bytes", memory.available_bytes},
          {"limit_bytes", number_or_null(memory.limit_bytes)},
          {"usable_bytes", memory.usable_bytes}};
}

Json gpu_json(const GpuFacts& gpu) {
  return {
      {"vendor", gpu.vendor}, {"name", gpu.name},
      {"index", gpu.index},   {"memory_bytes", gpu.memory_bytes},
      {"driver", gpu.driver}, {"engines", {{"decode", gpu.engines.decode}, {"encode", gpu.engines.encode}}}};
}

}  // namespace

Json to_json(const Inventory& inventory) {
  Json gpus = Json::array();
  for (const GpuFacts& gpu : inventory.gpus) gpus.push_back(gpu_json(gpu));
  Json absences = Json::array();
  for (const Absence& absence : inventory.absences) {
    absences.push_back(Json{{"what", absence.what}, {"note", absence.note}});
  }
  return {{"os", inventory.os},
          {"kernel", inventory.kernel},
          {"cpu", cpu_json(inventory.cpu)},
          {"memory", memory_json(inventory.memory)},
          {"gpus", std::move(gpus)},
          {"confinement",
           {{"landlock", inventory.confinement.landlock}, {"seccomp", inventory.confinement.seccomp}}},
          {"absences", std::move(absences)}};
}

}  // namespace millrace::hw
