// ProbeRoots is where a probe looks: the machine itself, or the tree and the answers that a test put there.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace millrace::hw {

// Whether the loader finds and loads that library here; it is let go again at once.
bool library_loads(const std::string& soname);

// 0 where the node opens for reading and writing, else errno. The node is closed again at once.
int device_error(const std::string& path);

// The version of Landlock that the kernel offers, from 1; or a negative errno: ENOSYS where it was built
// without it, EOPNOTSUPP where it is switched off.
int landlock_version();

// 0 where the kernel filters system calls with seccomp, else errno.
int seccomp_error();

struct ProbeRoots {
  std::string proc = "/proc";
  std::string sys = "/sys";
  std::string dev = "/dev";
  std::string etc = "/etc";
  std::function<bool(const std::string& soname)> library = library_loads;
  std::function<int(const std::string& path)> device = device_error;
  std::function<int()> landlock = landlock_version;
  std::function<int()> seccomp = seccomp_error;
  // The millrace program, started as `program probe-gpus KIND` to ask the drivers of GPUs, which may crash or
  // hang. Empty: they are not asked, and no GPU is found.
  std::string program = {};
  // What a driver is given to answer. A card that sleeps takes seconds to wake, and there may be eight.
  std::chrono::milliseconds patience{30'000};
};

}  // namespace millrace::hw
