#include "hw/inventory_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace millrace::hw {
namespace {

std::string line(std::string_view name, std::string_view fact) {
  return fmt::format("{:<9}{}\n", name, fact);
}

std::string counted(int count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string cpu_text(const CpuFacts& cpu) {
  std::string text = cpu.model.empty() ? cpu.vendor : fmt::format("{} ({})", cpu.model, cpu.vendor);
  text +=
      fmt::format(", {}, {}; ", counted(cpu.physical_cores, "core"), counted(cpu.logical_cores, "thread"));
  if (cpu.allowed_cores < cpu.logical_cores)
    text += fmt::format("{} allowed by affinity, ", cpu.allowed_cores);
  if (cpu.quota_cores) text += fmt::format("cgroup quota {:.2f}, ", *cpu.quota_cores);
  return text + fmt::format("{} usable", cpu.usable_cores);
}

std::string memory_text(const MemoryFacts& memory) {
  return fmt::format(
      "{}, {} available; {}, {} usable", bytes_text(memory.total_bytes), bytes_text(memory.available_bytes),
      memory.limit_bytes ? "cgroup limit " + bytes_text(*memory.limit_bytes) : "no cgroup limit",
      bytes_text(memory.usable_bytes));
}

std::string gpu_text(const GpuFacts& gpu) {
  return fmt::format("{} {}: {}, {}, driver {}; {}, {}", gpu.vendor, gpu.index, gpu.name,
                     bytes_text(gpu.memory_bytes), gpu.driver, counted(gpu.engines.decode, "decode engine"),
                     counted(gpu.engines.encode, "encode engine"));
}

std::string confinement_text(const ConfinementFacts& facts) {
  if (facts.landlock > 0 && facts.seccomp) return fmt::format("Landlock {} and seccomp", facts.landlock);
  if (facts.landlock > 0) return fmt::format("Landlock {}, without seccomp", facts.landlock);
  return facts.seccomp ? "seccomp, without Landlock" : "none";
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  constexpr double kMebibyte = 1024.0 * 1024.0;
  const double mebibytes = static_cast<double>(bytes) / kMebibyte;
  return mebibytes < 1024 ? fmt::format("{:.0f} MiB", mebibytes)
                          : fmt::format("{:.1f} GiB", mebibytes / 1024);
}

std::string to_text(const Inventory& inventory) {
  std::string text = line("system", fmt::format("{}, kernel {}", inventory.os, inventory.kernel));
  text += line("cpu", cpu_text(inventory.cpu));
  if (!inventory.cpu.simd.empty())
    text += line("simd", fmt::format("{}", fmt::join(inventory.cpu.simd, " ")));
  text += line("memory", memory_text(inventory.memory));
  for (const GpuFacts& gpu : inventory.gpus) text += line("gpu", gpu_text(gpu));
  if (inventory.gpus.empty()) text += line("gpu", "none in use; work runs on the CPU");
  text += line("confined", fmt::format("workers by {}", confinement_text(inventory.confinement)));
  for (const Absence& absence : inventory.absences) {
    text += line("missing", fmt::format("{}: {}", absence.what, absence.note));
  }
  return text;
}

}  // namespace millrace::hw
