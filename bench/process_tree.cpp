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

// The fourth field of /proc/PID/stat; the second, the name in brackets, may hold spaces and brackets itself.
std::optional<pid_t> parent_in(std::string_view stat) {
  const std::size_t bracket = stat.rfind(')');
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> words = hw::words(stat.substr(bracket + 1));
  return words.size() < 2 ? std::nullopt : hw::parse_number<pid_t>(words[1]);
}

}  // namespace

std::vector<pid_t> ProcessTree::descendants(pid_t root) const {
  std::multimap<pid_t, pid_t> children;
  std::error_code error;
  std::filesystem::directory_iterator entry(proc_, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto process = hw::parse_number<pid_t>(entry->path().filename().native());
    if (!process) continue;
    const engine::Result<std::string> stat = engine::read_file(entry->path() / "stat");
    if (!stat.ok()) continue;
    if (const auto parent = parent_in(*stat)) children.emplace(*parent, *process);
  }
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
  const std::size_t bracket = stat->rfind(')');
  if (bracket == std::string::npos) return std::nullopt;
  // From the third field, the state, on; the start is the 22nd.
  const std::vector<std::string_view> words = hw::words(std::string_view(*stat).substr(bracket + 1));
  if (words.size() < 20 || words[0] == "Z" || words[0] == "X") return std::nullopt;
  return hw::parse_number<std::uint64_t>(words[19]);
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

}  // namespace millrace::bench
