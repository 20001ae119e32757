#include "hw/inventory_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

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

// "h264, hevc to 10 bit": each codec once, with the deepest samples that it is taken with.
std::string codecs_text(const std::vector<VideoForm>& forms) {
  std::vector<std::pair<std::string, int>> codecs;
  for (const VideoForm& form : forms) {
    const auto known = std::find_if(codecs.begin(), codecs.end(),
                                    [&](const auto& codec) { return codec.first == form.codec; });
    if (known == codecs.end())
      codecs.emplace_back(form.codec, form.bits);
    else
      known->second = std::max(known->second, form.bits);
  }
  std::string text;
  for (const auto& [codec, bits] : codecs) {
    text += (text.empty() ? "" : ", ") + codec;
    if (bits > 8) text += fmt::format(" to {} bit", bits);
  }
  return text;
}

std::string encodes_text(const GpuFacts& gpu) {
  std::vector<VideoForm> forms;
  for (const EncodeForm& encode : gpu.encodes) forms.push_back(encode.form);
  std::string text = codecs_text(forms);
  if (gpu.vendor != "nvidia") return text;
  return text + (gpu.free_encode_sessions
                     ? fmt::format("; {} more", counted(*gpu.free_encode_sessions, "session"))
                     : fmt::format("; {} sessions more at least", kSessionsTried));
}

std::string load_text(const GpuLoad& load) {
  std::vector<std::string> parts;
  const auto percent = [&](std::string_view of, const std::optional<int>& value) {
    if (value) parts.push_back(fmt::format("{} {} %", of, *value));
  };
  percent("compute", load.compute_percent);
  percent("decode", load.decode_percent);
  percent("encode", load.encode_percent);
  if (load.encode_sessions) parts.push_back(counted(*load.encode_sessions, "encode session"));
  if (load.memory_used_bytes) parts.push_back(bytes_text(*load.memory_used_bytes) + " used");
  if (load.watts) parts.push_back(fmt::format("{:.0f} W", *load.watts));
  return fmt::format("{}", fmt::join(parts, ", "));
}

// A line of the device, and one each of what it decodes, encodes, is doing and lacks.
std::string gpu_text(const GpuFacts& gpu) {
  const std::string memory = gpu.memory_bytes > 0 ? bytes_text(gpu.memory_bytes) : "shared memory";
  std::string text =
      line("gpu", fmt::format("{} {}: {}, {}, driver {}; {}, {}", gpu.vendor, gpu.index, gpu.name, memory,
                              gpu.driver, counted(gpu.engines.decode, "decode engine"),
                              counted(gpu.engines.encode, "encode engine")));
  if (!gpu.decodes.empty()) text += line("decodes", codecs_text(gpu.decodes));
  if (!gpu.encodes.empty()) text += line("encodes", encodes_text(gpu));
  if (!gpu.filters.empty()) text += line("filters", fmt::format("{}", fmt::join(gpu.filters, ", ")));
  if (gpu.load != GpuLoad{}) text += line("load", load_text(gpu.load));
  for (const Absence& absence : gpu.absences)
    text += line("missing", fmt::format("{} {}, {}: {}", gpu.vendor, gpu.index, absence.what, absence.note));
  return text;
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
  for (const GpuFacts& gpu : inventory.gpus) text += gpu_text(gpu);
  if (inventory.gpus.empty()) text += line("gpu", "none in use; work runs on the CPU");
  text += line("confined", fmt::format("workers by {}", confinement_text(inventory.confinement)));
  for (const Absence& absence : inventory.absences) {
    text += line("missing", fmt::format("{}: {}", absence.what, absence.note));
  }
  return text;
}

}  // namespace millrace::hw
