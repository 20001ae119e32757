#include "engine/work/landlock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>

#include "engine/base/unique_fd.h"

namespace millrace::engine {
namespace {

// Rights as landlock(7) numbers them; the headers of the oldest system that we build on know the first 14.
constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kWriteFile = 1U << 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;
constexpr std::uint64_t kRemoveFolder = 1U << 4;
constexpr std::uint64_t kRemoveFile = 1U << 5;
constexpr std::uint64_t kMakeFolder = 1U << 7;
constexpr std::uint64_t kMakeFile = 1U << 8;
constexpr std::uint64_t kRename = 1U << 13;         // from one folder to another; version 2
constexpr std::uint64_t kTruncate = 1U << 14;       // version 3
constexpr std::uint64_t kDeviceControl = 1U << 15;  // version 5
constexpr std::uint64_t kFirstVersion = kRename - 1;

constexpr std::uint64_t kBindTcp = 1U << 0;  // both version 4
constexpr std::uint64_t kConnectTcp = 1U << 1;

constexpr std::uint64_t kAbstractSocket = 1U << 0;  // both version 6
constexpr std::uint64_t kSignal = 1U << 1;

constexpr std::uint64_t kRead = kReadFile | kReadFolder;
constexpr std::uint64_t kWrite =
    kRead | kWriteFile | kRemoveFolder | kRemoveFile | kMakeFolder | kMakeFile | kRename | kTruncate;
constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kDeviceControl;

// landlock_ruleset_attr of version 6; a kernel that knows less takes it as long as what it does not know is
// 0.
struct Handled {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

Handled handled_by(int version, bool network) {
  Handled handled;
  handled.files = kFirstVersion;
  if (version >= 2) handled.files |= kRename;
  if (version >= 3) handled.files |= kTruncate;
  if (version >= 5) handled.files |= kDeviceControl;
  if (version >= 4) handled.network = network ? kBindTcp : kBindTcp | kConnectTcp;
  if (version >= 6) handled.scoped = kAbstractSocket | kSignal;
  return handled;
}

// Read by libraries that media work stands on: loaders, character sets, fonts, thread counts, time zones.
constexpr std::array kForAll = {"/usr",           "/lib",
                                "/lib64",         "/etc/ld.so.cache",
                                "/etc/fonts",     "/var/cache/fontconfig",
                                "/etc/localtime", "/proc/cpuinfo",
                                "/proc/meminfo",  "/proc/stat",
                                "/proc/self",     "/sys/devices/system",
                                "/dev/urandom",   "/dev/null"};
constexpr std::array kForNetwork = {"/etc/resolv.conf", "/etc/hosts",          "/etc/nsswitch.conf",
                                    "/etc/host.conf",   "/etc/gai.conf",       "/etc/services",
                                    "/etc/ssl",         "/etc/ca-certificates"};

// Read by the drivers of GPUs and by what finds them.
constexpr std::array kForDevices = {"/proc/driver/nvidia", "/proc/devices", "/sys/bus/pci", "/sys/class/drm",
                                    "/sys/dev/char",       "/sys/devices",  "/sys/module",  "/etc/drirc"};

class Rules {
 public:
  Rules(UniqueFd ruleset, std::uint64_t handled) : ruleset_(std::move(ruleset)), handled_(handled) {}

  // What is not there needs no right: opening it fails as it does for everybody.
  Status allow(const std::filesystem::path& path, std::uint64_t rights) {
    const UniqueFd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!place.valid()) return {};
    struct stat facts {};
    if (::fstat(place.get(), &facts) != 0) return errno_status(errno, "cannot look at", path.native());
    if (!S_ISDIR(facts.st_mode)) rights &= kOfFiles;
    const landlock_path_beneath_attr rule{rights & handled_, place.get()};
    if (::syscall(SYS_landlock_add_rule, ruleset_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
      return {Code::internal,
              fmt::format("{}: cannot be opened to a confined worker: {}", path.native(), errno_text(errno))};
    return {};
  }

  Status enforce() const {
    if (::syscall(SYS_landlock_restrict_self, ruleset_.get(), 0) == 0) return {};
    return {Code::internal, fmt::format("a worker cannot confine itself: {}", errno_text(errno))};
  }

 private:
  UniqueFd ruleset_;
  std::uint64_t handled_;
};

}  // namespace

Status restrict_files(const TaskReach& reach, int version) {
  const Handled handled = handled_by(version, reach.network);
  UniqueFd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  if (!ruleset.valid())
    return {Code::internal,
            fmt::format("Landlock {}: the kernel does not take its rules: {}", version, errno_text(errno))};
  Rules rules(std::move(ruleset), handled.files);
  for (const char* path : kForAll)
    if (Status s = rules.allow(path, kRead); !s.ok()) return s;
  if (reach.network)
    for (const char* path : kForNetwork)
      if (Status s = rules.allow(path, kRead); !s.ok()) return s;
  if (!reach.devices.empty())
    for (const char* path : kForDevices)
      if (Status s = rules.allow(path, kRead); !s.ok()) return s;
  for (const std::filesystem::path& path : reach.devices)
    if (Status s = rules.allow(path, kRead | kWriteFile | kDeviceControl); !s.ok()) return s;
  for (const std::filesystem::path& path : reach.reads)
    if (Status s = rules.allow(path, kReadFile); !s.ok()) return s;
  for (const std::filesystem::path& path : reach.writes)
    if (Status s = rules.allow(path, kWrite); !s.ok()) return s;
  return rules.enforce();
}

}  // namespace millrace::engine
