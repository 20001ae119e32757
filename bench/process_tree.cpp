#include "bench/process_tree.h"

#include <charconv>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/base/file.h"
#include "hw/text_file.h"

namespace millrace::bench {
namespace {

// The fields of /proc/PID/stat from the third, the state, on; the second, the name in brackets, may hold
// spaces and brackets itself.
std::vector<std::string_view> fields_in(std::string_view stat) {
  const std::size_t bracket = stat.rfind(')');
  if (bracket == std::string_view::npos) return {};
  return hw::words(stat.substr(bracket + 1));
}

// The fourth field.
std::optional<pid_t> parent_in(std::string_view stat) {
  const std::vector<std::string_view> fields = fields_in(stat);
  return fields.size() < 2 ? std::nullopt : hw::parse_number<pid_t>(fields[1]);
}

// The fields 14 to 17: own user and system time, and those of children that were waited for.
std::optional<ProcessTime> time_in(std::string_view stat) {
  const std::vector<std::string_view> fields = fields_in(stat);
  const std::size_t name = stat.find('(');
  if (fields.size() < 15 || name == std::string_view::npos) return std::nullopt;
  const auto ticks = [&](std::size_t i) { return hw::parse_number<std::int64_t>(fields[i]).value_or(0); };
  return ProcessTime{hw::printable(stat.substr(name + 1, stat.rfind(')') - name - 1)), ticks(11) + ticks(12),
                     ticks(13) + ticks(14)};
}

// Calls `each` with every process of `proc` and what its stat says.
template <class Each>
void for_each_process(const std::filesystem::path& proc, const Each& each) {
  std::error_code error;
  std::filesystem::directory_iterator entry(proc, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto process = hw::parse_number<pid_t>(entry->path().filename().native());
    if (!process) continue;
    const engine::Result<std::string> stat = engine::read_file(entry->path() / "stat");
    if (stat.ok()) each(*process, *stat);
  }
}

}  // namespace

std::vector<pid_t> ProcessTree::descendants(pid_t root) const {
  std::multimap<pid_t, pid_t> children;
  for_each_process(proc_, [&](pid_t process, const std::string& stat) {
    if (const auto parent = parent_in(stat)) children.emplace(*parent, process);
  });
  std::vector<pid_t> found;
  std::set<pid_t> seen{root};  // numbers are given out again while we read: a circle must not catch us
  const auto add_children_of = [&](pid_t parent) {
    const auto [first, last] = children.equal_range(parent);
    for (auto child = first; child != last; ++child) {
      if (seen.insert(child->second).second) found.push_back(child->second);
    }
  };
  add_children_of(root);
  for (std::size_t i = 0; i < found.size(); ++i) add_children_of(found[i]);
  return found;
}

std::optional<std::uint64_t> ProcessTree::start_of(pid_t process) const {
  const engine::Result<std::string> stat = engine::read_file(proc_ / std::to_string(process) / "stat");
  if (!stat.ok()) return std::nullopt;
  const std::vector<std::string_view> fields = fields_in(*stat);  // the start is the 22nd of all
  if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X") return std::nullopt;
  return hw::parse_number<std::uint64_t>(fields[19]);
}

std::optional<std::int64_t> ProcessTree::memory_of(pid_t process) const {
  const engine::Result<std::string> text =
      engine::read_file(proc_ / std::to_string(process) / "smaps_rollup");
  if (!text.ok()) return std::nullopt;
  const auto value = hw::field(*text, "Pss");
  if (!value || !value->ends_with(" kB")) return std::nullopt;
  const auto kibibytes = hw::parse_number<std::int64_t>(value->substr(0, value->size() - 3));
  if (!kibibytes) return std::nullopt;
  return *kibibytes * 1024;
}

std::map<pid_t, ProcessTime> ProcessTree::times() const {
  std::map<pid_t, ProcessTime> times;
  for_each_process(proc_, [&](pid_t process, const std::string& stat) {
    if (auto time = time_in(stat)) times.emplace(process, std::move(*time));
  });
  return times;
}

TreeMemory ProcessTree::memory_below(pid_t root) const {
  TreeMemory total;
  for (const pid_t process : descendants(root)) {
    if (const auto bytes = memory_of(process)) {
      total.bytes += *bytes;
      ++total.processes;
    }
  }
  return total;
}

int ProcessTree::open_files_below(pid_t process, const std::filesystem::path& folder) const {
  const std::string below = folder.native() + "/";
  int count = 0;
  std::error_code error;
  std::filesystem::directory_iterator entry(proc_ / std::to_string(process) / "fd", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code gone;  // it was closed while we looked
    count += std::filesystem::read_symlink(entry->path(), gone).native().starts_with(below);
  }
  return count;
}

int ProcessTree::entries(pid_t process, const char* folder) const {
  int count = 0;
  std::error_code error;
  std::filesystem::directory_iterator entry(proc_ / std::to_string(process) / folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  return count;
}

}  // namespace millrace::bench
