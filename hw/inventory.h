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
  int decode = 0;  // NVDEC engines, or 1 where the driver decodes but does not count; 0: none
  int encode = 0;  // NVENC engines, or 1 likewise; 0: none, as on A100, H100 and H200
  bool operator==(const GpuEngines&) const = default;
};

// A form of video that a device takes or gives.
struct VideoForm {
  std::string codec;  // as FFmpeg names it: "h264", "hevc", "vp9", "av1", "mpeg2video", "vc1", "mjpeg"
  int chroma = 420;   // 400 (grey), 420, 422 or 444
  int bits = 8;       // of a sample: 8, 10 or 12
  int min_width = 0;  // pixels
  int min_height = 0;
  int max_width = 0;  // pixels; 0: the driver does not tell
  int max_height = 0;
  std::int64_t max_macroblocks = 0;  // blocks of 16x16 pixels in a picture; 0: the size alone limits
  bool operator==(const VideoForm&) const = default;
};

struct EncodeForm {
  VideoForm form;
  int b_frames = 0;        // most in a row; 0: none
  bool low_power = false;  // VAAPI: only by the fixed-function encoder (EncSliceLP)
  bool operator==(const EncodeForm&) const = default;
};

// What a device was doing when it was asked; empty where the driver does not tell.
struct GpuLoad {
  std::optional<int> compute_percent;  // of the time some kernel ran
  std::optional<int> decode_percent;   // of all its decode engines
  std::optional<int> encode_percent;
  std::optional<int> encode_sessions;  // open now, of every process
  std::optional<std::uint64_t> memory_used_bytes;
  std::optional<double> watts;
  bool operator==(const GpuLoad&) const = default;
};

// Something that this machine or this device lacks or keeps from us, and how to mend it.
struct Absence {
  std::string what;  // of the machine: "nvidia", "vaapi", "cpu", "memory", "landlock", "seccomp";
                     // of a device: "decode", "encode", "load"
  std::string note;  // "libcuda.so.1 not found; install the NVIDIA driver ..."
  bool operator==(const Absence&) const = default;
};

// A device as its driver described it. A NVIDIA device is reached through CUDA, NVDEC and NVENC, any other
// through VAAPI.
struct GpuFacts {
  std::string vendor;  // "nvidia", "intel", "amd", "other"
  std::string name;
  int index = 0;                   // N of cuda:N; of VAAPI devices, the place of the render node among them
  std::uint64_t memory_bytes = 0;  // its own; 0: it shares the machine's, or does not tell
  std::string driver;              // "580.95.05"; of VAAPI what the driver calls itself
  GpuEngines engines;
  std::string id = {};    // stays over restarts: "GPU-<uuid>", "MIG-<uuid>"; of VAAPI the PCI address
  std::string node = {};  // "/dev/dri/renderD128"; empty for NVIDIA
  std::string mig = {};   // the slice of a card that this is: "1g.10gb"; empty: the whole card
  int compute = 0;        // CUDA compute capability times ten: 90 is 9.0; 0: no CUDA
  int cuda = 0;           // highest CUDA version of the driver: 12080 is 12.8; 0: no CUDA
  std::vector<VideoForm> decodes = {};
  std::vector<EncodeForm> encodes = {};
  // Encode sessions that could be opened beside those already open, over all cards with such a limit; none:
  // every one that was tried (kSessionsTried) opened.
  std::optional<int> free_encode_sessions = {};
  std::vector<std::string> filters = {};  // of VAAPI: "scale", "deinterlace", "tone_map"; CUDA: our kernels
  GpuLoad load = {};
  std::vector<Absence> absences = {};  // why it cannot decode, encode or tell its load
  bool operator==(const GpuFacts&) const = default;
};

// So many encode sessions are opened at once when a device is asked, no more.
inline constexpr int kSessionsTried = 16;

// What the kernel offers to hold a worker within its task.
struct ConfinementFacts {
  int landlock = 0;      // version of its interface: 2 is Linux 5.19, 7 is 6.15; 0: none
  bool seccomp = false;  // filters of system calls
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

// The note of the first absence of that name; null where nothing of that name is missing. A machine may have
// a device of a kind and an absence of that kind: the note is then about another device.
const std::string* absence_note(const Inventory& inventory, const std::string& what);
const std::string* absence_note(const GpuFacts& gpu, const std::string& what);

}  // namespace millrace::hw
