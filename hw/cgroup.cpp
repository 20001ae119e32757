#include "hw/cgroup.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "hw/text_file.h"

namespace millrace::hw {
namespace {

// Version 1 writes "no limit" as the largest whole number of pages in 63 bits.
constexpr std::uint64_t kNoLimitFrom = std::uint64_t{1} << 62;

struct Group {
  bool unified = false;              // version 2
  std::vector<std::string> folders;  // from the group of this process up to the root of the mount
};

template <typename Number>
void keep_smaller(std::optional<Number>& kept, std::optional<Number> seen) {
  if (seen && (!kept || *seen < *kept)) kept = seen;
}

bool lists(std::string_view list, std::string_view name) {
  const std::vector<std::string_view> names = split(list, ',');
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The path of this process in the hierarchy of the controller; an empty controller asks for version 2.
// Lines are "4:cpu,cpuacct:/path" (version 1) and "0::/path" (version 2).
std::optional<std::string> own_path(std::string_view cgroup, std::string_view controller) {
  for (const std::string_view line : split(cgroup, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool match = controller.empty() ? controllers.empty() : lists(controllers, controller);
    if (match) return std::string(line.substr(second + 1));
  }
  return std::nullopt;
}

// `path` as seen from a mount that shows only what is below `root`; nothing where the mount does not show it.
// A container without its own cgroup namespace has root "/docker/ID" and path "/docker/ID/...".
std::optional<std::string> below(const std::string& path, const std::string& root) {
  if (root == "/") return path;
  if (path == root) return "/";
  if (path.compare(0, root.size() + 1, root + "/") == 0) return path.substr(root.size());
  return std::nullopt;
}

std::vector<std::string> folders_up(const std::string& mount, std::string path) {
  std::vector<std::string> folders;
  // "/../x" is a group outside of what this namespace sees: only the mount itself can be read.
  if (path.find("..") != std::string::npos) path = "/";
  for (; path.size() > 1; path.resize(path.rfind('/'))) folders.push_back(mount + path);
  folders.push_back(mount);
  return folders;
}

// Lines are "36 35 0:31 ROOT MOUNT_POINT rw,noatime [optional]... - TYPE SOURCE SUPER_OPTIONS" (proc(5)).
std::optional<Group> find_group(const ProbeRoots& roots, std::string_view mounts, std::string_view cgroup,
                                std::string_view controller, bool unified) {
  const std::optional<std::string> path = own_path(cgroup, unified ? std::string_view{} : controller);
  if (!path) return std::nullopt;
  std::optional<Group> hidden;
  for (const std::string_view line : split(mounts, '\n')) {
    const std::vector<std::string_view> parts = words(line);
    const auto dash = std::find(parts.begin(), parts.end(), "-");
    if (parts.size() < 6 || parts.end() - dash < 4) continue;
    if (dash[1] != (unified ? "cgroup2" : "cgroup")) continue;
    if (!unified && !lists(dash[3], controller)) continue;
    std::string mount(parts[4]);
    if (mount.compare(0, 5, "/sys/") == 0) mount = roots.sys + mount.substr(4);
    if (const auto shown = below(*path, std::string(parts[3])))
      return Group{unified, folders_up(mount, *shown)};
    if (!hidden) hidden = Group{unified, {mount}};
  }
  return hidden;
}

// A controller lives in one hierarchy only: in version 1 where a mount says so, else in version 2.
std::optional<Group> group_of(const ProbeRoots& roots, std::string_view mounts, std::string_view cgroup,
                              std::string_view controller) {
  if (auto group = find_group(roots, mounts, cgroup, controller, false)) return group;
  return find_group(roots, mounts, cgroup, controller, true);
}

std::optional<double> quota_cores(const std::string& folder, bool unified) {
  std::optional<double> quota;
  std::optional<double> period;
  if (unified) {
    const std::string text = read_text(folder + "/cpu.max").value_or("");  // "max 100000" or "50000 100000"
    const std::vector<std::string_view> parts = words(text);
    if (parts.size() != 2) return std::nullopt;
    quota = parse_number<double>(parts[0]);
    period = parse_number<double>(parts[1]);
  } else {
    quota = parse_number<double>(read_text(folder + "/cpu.cfs_quota_us").value_or(""));  // -1: no limit
    period = parse_number<double>(read_text(folder + "/cpu.cfs_period_us").value_or(""));
  }
  if (!quota || !period || !(*quota > 0) || !(*period > 0)) return std::nullopt;
  return *quota / *period;
}

std::optional<std::uint64_t> bytes_in(const std::string& path) {
  const auto bytes =
      parse_number<std::uint64_t>(read_text(path).value_or(""));  // "max" is no number: no limit
  return bytes && *bytes < kNoLimitFrom ? bytes : std::nullopt;
}

std::optional<std::uint64_t> memory_limit(const std::string& folder, bool unified) {
  if (!unified) return bytes_in(folder + "/memory.limit_in_bytes");
  std::optional<std::uint64_t> limit = bytes_in(folder + "/memory.max");
  keep_smaller(limit, bytes_in(folder + "/memory.high"));
  return limit;
}

// What the group holds and the kernel cannot take back without swapping: usage without inactive file pages.
std::uint64_t memory_held(const std::string& folder, bool unified) {
  const std::uint64_t usage =
      bytes_in(folder + (unified ? "/memory.current" : "/memory.usage_in_bytes")).value_or(0);
  const std::string stat = read_text(folder + "/memory.stat").value_or("");
  const auto inactive = field(stat, unified ? "inactive_file" : "total_inactive_file", ' ');
  const std::uint64_t cache = inactive ? parse_number<std::uint64_t>(*inactive).value_or(0) : 0;
  return usage - std::min(usage, cache);
}

}  // namespace

CgroupLimits read_cgroup_limits(const ProbeRoots& roots) {
  CgroupLimits limits;
  const std::string cgroup = read_text(roots.proc + "/self/cgroup").value_or("");
  const std::string mounts = read_text(roots.proc + "/self/mountinfo").value_or("");
  if (const auto cpu = group_of(roots, mounts, cgroup, "cpu")) {
    for (const std::string& folder : cpu->folders) {
      keep_smaller(limits.quota_cores, quota_cores(folder, cpu->unified));
    }
  }
  if (const auto memory = group_of(roots, mounts, cgroup, "memory")) {
    for (const std::string& folder : memory->folders) {
      const auto limit = memory_limit(folder, memory->unified);
      if (!limit) continue;
      keep_smaller(limits.memory_bytes, limit);
      const std::uint64_t held = memory_held(folder, memory->unified);
      keep_smaller(limits.memory_room_bytes, std::optional(*limit - std::min(*limit, held)));
    }
  }
  return limits;
}

}  // namespace millrace::hw
