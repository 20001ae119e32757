// Inventory is what this machine is, as plain data: hw::probe() fills one in, a test writes one by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace millrace::hw {

struct CpuFacts {
  std::string vendor;      // as the kernel spells it: "AuthenticAMD", "GenuineIntel", "ARM"
  std::string model;       // "AMD EPYC"; empty where the kernel does not tell
  int physical_cores = 0;  // online cores; hardware threads of one core count once
  int logical_cores = 0;   // online hardware threads
  int allowed_cores = 0;   // of these, the ones this process may run on (affinity, cpuset)
  std::optional<double>
      quota_cores;                // CPU time the cgroup grants, in cores: 0.5 is half a core; none: no limit
  int usable_cores = 1;           // threads worth starting: whole cores after affinity and quota, at least 1
  std::vector<std::string> simd;  // instruction sets that matter to pixel work, least first
};

struct MemoryFacts {
  std::uint64_t total_bytes = 0;             // of the machine
  std::uint64_t available_bytes = 0;         // of the machine, without swapping (MemAvailable)
  std::optional<std::uint64_t> limit_bytes;  // the tightest cgroup limit above this process; none: no limit
  std::uint64_t usable_bytes = 0;  // what this process may still take: available, and room below the limit
};

struct GpuEngines {
  int decode = 0;  // NVDEC engines, or 1 where the driver decodes but does not count
  int encode = 0;  // NVENC engines; 0 on H100, H200 and A100
};

struct GpuFacts {
  std::string vendor;  // "nvidia", "intel", "amd"
  std::string name;
  int index = 0;
  std::uint64_t memory_bytes = 0;
  std::string driver;
  GpuEngines engines;
};

// What the kernel offers to hold a worker within its task.
struct ConfinementFacts {
  int landlock = 0;      // version of its interface: 2 is Linux 5.19, 7 is 6.15; 0: none
  bool seccomp = false;  // filters of system calls
};

// Something that this machine lacks or keeps from us, and how to mend it.
struct Absence {
  std::string what;  // "nvidia", "vaapi", "cpu", "memory", "landlock", "seccomp"
  std::string note;  // "libcuda.so.1 not found; install the NVIDIA driver ..."
};

struct Inventory {
  std::string os;      // "Debian GNU/Linux 12 (bookworm)"
  std::string kernel;  // "6.1.0-25-amd64"
  CpuFacts cpu;
  MemoryFacts memory;
  std::vector<GpuFacts> gpus;
  ConfinementFacts confinement;
  std::vector<Absence> absences;
};

// CPU time this process may use, in cores: the quota where one is set below the allowed cores. May be below
// one.
double core_budget(const CpuFacts& cpu);

// The note of the first absence of that name; null where nothing of that name is missing.
const std::string* absence_note(const Inventory& inventory, const std::string& what);

}  // namespace millrace::hw
