#include "hw/memory_probe.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "hw/text_file.h"

namespace millrace::hw {
namespace {

// "MemTotal:       24684084 kB"; the kernel means 1024 bytes by kB.
std::optional<std::uint64_t> kilobytes(std::string_view meminfo, std::string_view key) {
  const auto value = field(meminfo, key);
  if (!value) return std::nullopt;
  const std::vector<std::string_view> parts = words(*value);
  const auto count = parts.empty() ? std::nullopt : parse_number<std::uint64_t>(parts[0]);
  if (!count) return std::nullopt;
  return *count * 1024;
}

}  // namespace

MemoryFacts probe_memory(const ProbeRoots& roots, const CgroupLimits& limits,
                         std::vector<Absence>& absences) {
  MemoryFacts memory;
  memory.limit_bytes = limits.memory_bytes;
  const std::string meminfo = read_text(roots.proc + "/meminfo").value_or("");
  const auto total = kilobytes(meminfo, "MemTotal");
  if (!total) {
    absences.push_back(
        {"memory", roots.proc + "/meminfo cannot be read; mount /proc to let the memory be known"});
    memory.usable_bytes = limits.memory_room_bytes.value_or(0);
    return memory;
  }
  memory.total_bytes = *total;
  // Some sandboxes leave MemAvailable out; free pages and the page cache come close.
  memory.available_bytes =
      kilobytes(meminfo, "MemAvailable")
          .value_or(kilobytes(meminfo, "MemFree").value_or(0) + kilobytes(meminfo, "Cached").value_or(0));
  memory.available_bytes = std::min(memory.available_bytes, memory.total_bytes);
  memory.usable_bytes =
      std::min(memory.available_bytes, limits.memory_room_bytes.value_or(memory.available_bytes));
  return memory;
}

}  // namespace millrace::hw
