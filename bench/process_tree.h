// ProcessTree: who descends from whom, and how much memory they hold, as /proc says. Reads files only; any
// thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace millrace::bench {

struct TreeMemory {
  std::int64_t bytes = 0;
  int processes = 0;  // that were read; one that ends meanwhile is left out
};

struct ProcessTime {
  std::string name;                 // "ffmpeg", at most 15 characters
  std::int64_t own_ticks = 0;       // user and system
  std::int64_t children_ticks = 0;  // of ended children that it has waited for, and of theirs
};

class ProcessTree {
 public:
  explicit ProcessTree(std::filesystem::path proc = "/proc") : proc_(std::move(proc)) {}

  // Children, their children and so on, without `root` itself; ended ones that nobody waited for included.
  std::vector<pid_t> descendants(pid_t root) const;

  // When it started, in clock ticks since the machine did (proc(5), stat): with the number, one process and
  // no other. Nothing for one that has ended, waited for or not.
  std::optional<std::uint64_t> start_of(pid_t process) const;

  // The proportional set size: pages that several processes share are counted once over all of them (proc(5),
  // smaps_rollup). Nothing for a process that has ended or is not ours to look at.
  std::optional<std::int64_t> memory_of(pid_t process) const;

  TreeMemory memory_below(pid_t root) const;

  // 0 for a process that has ended or is not ours to look at.
  int threads_of(pid_t process) const { return entries(process, "task"); }
  int open_files_of(pid_t process) const { return entries(process, "fd"); }
  // Of these, the files below a folder.
  int open_files_below(pid_t process, const std::filesystem::path& folder) const;

  // What every process that is there now has used, in clock ticks (proc(5), stat).
  std::map<pid_t, ProcessTime> times() const;

 private:
  int entries(pid_t process, const char* folder) const;
  std::filesystem::path proc_;
};

}  // namespace millrace::bench
