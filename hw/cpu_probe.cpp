#include "hw/cpu_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "hw/text_file.h"

namespace millrace::hw {
namespace {

// More than any kernel is built for; a torn list must not fill the memory.
constexpr int kMostCpus = 16384;

// cpuinfo holds one paragraph per online CPU on every architecture; its "processor" line names the CPU.
std::set<int> listed_cpus(std::string_view cpuinfo) {
  std::set<int> cpus;
  for (const std::string_view line : split(cpuinfo, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || trim(line.substr(0, colon)) != "processor") continue;
    if (const auto cpu = parse_number<int>(line.substr(colon + 1))) cpus.insert(*cpu);
  }
  return cpus;
}

// Hardware threads of one core name the same siblings. Where sysfs does not tell, each thread counts as a
// core.
int count_physical(const ProbeRoots& roots, const std::set<int>& online) {
  std::set<std::string> cores;
  for (const int cpu : online) {
    const auto siblings =
        read_line(fmt::format("{}/devices/system/cpu/cpu{}/topology/thread_siblings_list", roots.sys, cpu));
    cores.insert(siblings ? *siblings : fmt::format("cpu{}", cpu));
  }
  return static_cast<int>(cores.size());
}

std::string vendor_of(std::string_view cpuinfo) {
  if (const auto vendor = field(cpuinfo, "vendor_id")) return printable(*vendor);
  if (const auto implementer = field(cpuinfo, "CPU implementer")) {
    return *implementer == "0x41" ? "ARM" : "ARM implementer " + printable(*implementer);
  }
  return "unknown";
}

}  // namespace

std::set<int> parse_cpu_list(std::string_view list) {
  std::set<int> cpus;
  for (const std::string_view part : split(trim(list), ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_number<int>(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number<int>(part.substr(dash + 1));
    if (!first || !last || *first < 0) continue;
    for (int cpu = *first; cpu <= std::min(*last, kMostCpus - 1); ++cpu) cpus.insert(cpu);
  }
  return cpus;
}

std::vector<std::string> simd_of(std::string_view flags) {
  // Kernel word, then the name people use.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kNames{
      {{"sse2", "sse2"},
       {"ssse3", "ssse3"},
       {"sse4_1", "sse4.1"},
       {"sse4_2", "sse4.2"},
       {"avx", "avx"},
       {"fma", "fma"},
       {"avx2", "avx2"},
       {"avx512f", "avx512f"},
       {"avx512bw", "avx512bw"},
       {"avx512vl", "avx512vl"},
       {"avx512_vnni", "avx512_vnni"},
       {"asimd", "neon"},
       {"sve", "sve"},
       {"sve2", "sve2"}}};
  const std::vector<std::string_view> present = words(flags);
  std::vector<std::string> simd;
  for (const auto& [flag, name] : kNames) {
    if (std::find(present.begin(), present.end(), flag) != present.end()) simd.emplace_back(name);
  }
  return simd;
}

CpuFacts probe_cpu(const ProbeRoots& roots, const CgroupLimits& limits, std::vector<Absence>& absences) {
  CpuFacts cpu;
  const auto cpuinfo = read_text(roots.proc + "/cpuinfo");
  if (!cpuinfo) {
    absences.push_back(
        {"cpu", roots.proc + "/cpuinfo cannot be read; mount /proc to let the processor be known"});
  }
  const std::string_view text = cpuinfo ? std::string_view(*cpuinfo) : std::string_view{};
  cpu.vendor = vendor_of(text);
  if (const auto model = field(text, "model name")) cpu.model = printable(*model);
  if (const auto flags = field(text, "flags")) cpu.simd = simd_of(*flags);
  if (const auto features = field(text, "Features")) cpu.simd = simd_of(*features);

  std::set<int> online = parse_cpu_list(read_text(roots.sys + "/devices/system/cpu/online").value_or(""));
  if (online.empty()) online = listed_cpus(text);
  if (online.empty()) online = {0};
  cpu.logical_cores = static_cast<int>(online.size());
  cpu.physical_cores = count_physical(roots, online);

  // The mask also carries CPUs that are not there (yet), so only what is online counts.
  const std::string status = read_text(roots.proc + "/self/status").value_or("");
  const std::set<int> mask = parse_cpu_list(field(status, "Cpus_allowed_list").value_or(""));
  const auto allowed =
      std::count_if(online.begin(), online.end(), [&](int id) { return mask.count(id) > 0; });
  cpu.allowed_cores = allowed > 0 ? static_cast<int>(allowed) : cpu.logical_cores;

  cpu.quota_cores = limits.quota_cores;
  cpu.usable_cores = std::max(1, static_cast<int>(std::floor(core_budget(cpu))));
  return cpu;
}

}  // namespace millrace::hw
