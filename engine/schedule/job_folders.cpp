#include "engine/schedule/job_folders.h"

#include <system_error>

#include "engine/base/file.h"
#include "engine/base/ulid.h"
#include "engine/schedule/track_folder.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPartsFolder = ".parts";

bool is_list(const fs::path& path) {
  const std::string end = path.extension().native();
  return end == ".m3u8" || end == ".mpd";
}

}  // namespace

bool JobFolders::exists(const std::string& job_id) const {
  std::error_code error;
  return fs::is_directory(output(job_id), error);
}

Status JobFolders::make(const std::string& job_id) const {
  if (exists(job_id)) return {};
  if (Status s = make_directories(output(job_id)); !s.ok()) return s;
  if (Status s = sync_directory(jobs() / job_id); !s.ok()) return s;
  return sync_directory(jobs());
}

Status JobFolders::remove(const std::string& job_id) const { return remove_tree(jobs() / job_id); }

Status JobFolders::withdraw(const std::string& job_id) const {
  std::error_code error;
  std::vector<fs::path> withdrawn;
  const fs::path folder = output(job_id);
  fs::recursive_directory_iterator each(folder, error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    if (each->is_directory(error)) {
      if (each->path().filename() == kPartsFolder) each.disable_recursion_pending();
      continue;
    }
    if (each.depth() == 0 || is_list(each->path())) withdrawn.push_back(each->path());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return errno_status(error.value(), "cannot list", folder.native());
  for (const fs::path& path : withdrawn)
    if (Status s = remove_tree(path); !s.ok()) return s;
  return {};
}

Status JobFolders::withdraw(const std::string& job_id, const std::string& output_name) const {
  if (Status s = sweep_output_files(output(job_id), output_name, {output_name}); !s.ok()) return s;
  return remove_playlists(output(job_id) / output_name);
}

Result<std::vector<std::string>> JobFolders::remove_unknown(const std::set<std::string>& known) const {
  std::error_code error;
  std::vector<std::string> removed;
  for (fs::directory_iterator each(jobs(), error), end; !error && each != end; each.increment(error)) {
    const std::string name = each->path().filename().native();
    if (!is_ulid(name)) continue;
    if (!known.contains(name))
      removed.push_back(name);
    else if (Status s = remove_tree(cut(name)); !s.ok())
      return s;
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return errno_status(error.value(), "cannot list", jobs().native());
  for (const std::string& name : removed)
    if (Status s = remove(name); !s.ok()) return s;
  return removed;
}

}  // namespace millrace::engine
