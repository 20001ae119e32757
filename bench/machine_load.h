// LoadMeter: what this machine does while streams run: CPU time of ours and of others, memory, clocks, power,
// waits for the disk, as /proc and /sys say. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/process_tree.h"

namespace millrace::bench {

// Means over the time since the look before. Absent figures are those that this machine does not tell.
struct LoadSample {
  double seconds = 0;                 // since the meter was made
  double own_cores = 0;               // user and system time of our processes
  double other_cores = 0;             // of all others, and what the hypervisor took
  std::int64_t memory_bytes = 0;      // PSS of our processes, now
  std::optional<double> megahertz;    // of the cores, now
  std::optional<double> watts;        // of all processor packages (RAPL)
  std::optional<double> disk_stalls;  // share of the time in which something waited for input or output (PSI)
  int streams = 0;                    // that ran then; the meter does not know
};

// What others used a noticeable part of a core, the busiest first.
struct OtherProcess {
  std::string name;
  double cores = 0;
};

class LoadMeter {
 public:
  // `own`: its descendants and itself are ours.
  explicit LoadMeter(pid_t own, std::filesystem::path proc = "/proc", std::filesystem::path sys = "/sys");

  // Since the look before, which the first one has not: all of its means are 0. `seconds`: since this meter
  // was made, as a steady clock says.
  LoadSample look(double seconds);
  // Others by name, since the last call of this; what came and went meanwhile is not seen. The first call
  // gives none.
  std::vector<OtherProcess> others(double seconds);

 private:
  struct Counts {
    double seconds = 0;
    double own = 0;                        // seconds of CPU
    double busy = 0;                       // of the whole machine
    std::map<std::string, double> joules;  // by package
    std::optional<double> stalled;         // seconds
  };
  Counts counts(double seconds, const std::map<pid_t, ProcessTime>& times) const;
  std::vector<pid_t> own_processes() const;

  const pid_t own_;
  const std::filesystem::path proc_, sys_;
  const ProcessTree tree_;
  std::optional<Counts> before_;
  std::map<pid_t, ProcessTime> others_before_;
  double others_since_ = 0;
};

}  // namespace millrace::bench
