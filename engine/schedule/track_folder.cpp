#include "engine/schedule/track_folder.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "engine/base/file.h"
#include "engine/plan/segment.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

// The index of "00001.m4s"; -1 for any other name.
std::int64_t index_of(const std::string& name) {
  std::int64_t number = 0;
  if (std::from_chars(name.data(), name.data() + name.size(), number).ec != std::errc{}) return -1;
  return number > 0 && segment_file_name(number - 1) == name ? number - 1 : -1;
}

bool stays(const std::string& name, std::int64_t end_segment, const std::vector<int>& headers) {
  // A playlist may be just being written aside; the packager clears away what a crash left of one.
  if (name.starts_with("playlist.m3u8")) return true;
  if (std::any_of(headers.begin(), headers.end(), [&](int each) { return name == init_file_name(each); }))
    return true;
  const std::int64_t index = index_of(name);
  return index >= 0 && index < end_segment;
}

// Removes what lies in the folder and `goes`.
Status sweep(const fs::path& folder, const std::function<bool(const std::string& name)>& goes) {
  std::error_code error;
  std::vector<fs::path> swept;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error))
    if (goes(each->path().filename().native())) swept.push_back(each->path());
  if (error && error != std::errc::no_such_file_or_directory)
    return errno_status(error.value(), "cannot list", folder.native());
  for (const fs::path& each : swept)
    if (Status s = remove_tree(each); !s.ok()) return s;
  return {};
}

}  // namespace

Status sweep_track_folder(const fs::path& folder, std::int64_t end_segment, const std::vector<int>& headers) {
  return sweep(folder, [&](const std::string& name) { return !stays(name, end_segment, headers); });
}

Status sweep_output_files(const fs::path& folder, const std::string& stem,
                          const std::set<std::string>& kept) {
  return sweep(folder, [&](const std::string& name) {
    return !kept.contains(name) && (stem.empty() || name.substr(0, name.find('.')) == stem);
  });
}

Status remove_playlists(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> lists;
  fs::recursive_directory_iterator each(folder, error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    const std::string end = each->path().extension().native();
    if (end == ".m3u8" || end == ".mpd") lists.push_back(each->path());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return errno_status(error.value(), "cannot list", folder.native());
  for (const fs::path& list : lists)
    if (Status s = remove_tree(list); !s.ok()) return s;
  return {};
}

}  // namespace millrace::engine
