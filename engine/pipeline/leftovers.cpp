#include "engine/pipeline/leftovers.h"

#include <charconv>
#include <string>
#include <system_error>

#include "engine/base/file.h"
#include "engine/plan/segment.h"

namespace millrace::engine {
namespace fs = std::filesystem;

Status remove_leftovers(const fs::path& folder, std::int64_t first, std::int64_t end) {
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().native();
    const auto mark = name.find(".m4s.tmp");
    if (mark == std::string::npos) continue;
    std::int64_t number = 0;
    const auto [stop, problem] = std::from_chars(name.data(), name.data() + mark, number);
    if (problem != std::errc{} || stop != name.data() + mark) continue;
    const std::int64_t index = number - 1;  // segment_file_name counts from 1
    if (index < first || (end >= 0 && index >= end)) continue;
    if (Status status = remove_tree(entry->path()); !status.ok()) return status;
  }
  return error ? errno_status(error.value(), "cannot list", folder.native()) : Status();
}

}  // namespace millrace::engine
