#include "engine/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>

#include "engine/base/unique_fd.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

Status write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_status(errno, "cannot write", path.native());
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

fs::path parent_of(const fs::path& path) {
  return path.parent_path().empty() ? fs::path(".") : path.parent_path();
}

// A name beside `path` that no other thread or process uses.
fs::path name_beside(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  return path.native() + ".tmp" + std::to_string(::getpid()) + "." + std::to_string(++counter);
}

template <class Publish>
Status write_aside(const fs::path& path, std::string_view content, Publish publish) {
  const fs::path aside = name_beside(path);
  UniqueFd fd(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.valid()) return errno_status(errno, "cannot create", aside.native());
  Status status = write_all(fd.get(), content, aside);
  fd.reset();
  if (status.ok()) status = publish(aside, path);
  if (!status.ok()) ::unlink(aside.c_str());
  return status;
}

// `rename` as rename(2) does.
template <class Rename>
Status name_file(const fs::path& from, const fs::path& to, Rename rename) {
  {
    UniqueFd fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) return errno_status(errno, "cannot open", from.native());
    if (::fsync(fd.get()) != 0) return errno_status(errno, "cannot fsync", from.native());
  }
  if (rename(from.c_str(), to.c_str()) != 0)
    return errno_status(errno, "cannot rename to " + to.native(), from.native());
  return sync_directory(parent_of(to));
}

// Some file systems (NFS) cannot rename so, but link, which never replaces. Where neither is known (FAT by
// FUSE), a look beforehand has to do.
int rename_if_free(const char* from, const char* to) {
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  if (::link(from, to) == 0) return ::unlink(from);
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return -1;
  struct stat there {};
  if (::lstat(to, &there) != 0) return ::rename(from, to);
  errno = EEXIST;
  return -1;
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return errno_status(errno, "cannot open", path.native());
  std::string text;
  struct stat facts {};
  if (::fstat(fd.get(), &facts) == 0 && facts.st_size > 0)
    text.reserve(static_cast<std::size_t>(facts.st_size));
  char buffer[1 << 16];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_status(errno, "cannot read", path.native());
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

Status write_file(const fs::path& path, std::string_view content) {
  return write_aside(path, content, publish_file);
}

Status write_new_file(const fs::path& path, std::string_view content) {
  return write_aside(path, content, [](const fs::path& from, const fs::path& to) {
    return name_file(from, to, rename_if_free);
  });
}

Status publish_file(const fs::path& from, const fs::path& to) {
  return name_file(from, to, [](const char* old_name, const char* name) { return ::rename(old_name, name); });
}

Status make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return errno_status(error.value(), "cannot make the folder", path.native());
  return {};
}

Status sync_directory(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return errno_status(errno, "cannot open the folder", path.native());
  if (::fsync(fd.get()) != 0) return errno_status(errno, "cannot fsync the folder", path.native());
  return {};
}

Status remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return errno_status(error.value(), "cannot remove", path.native());
  return {};
}

Result<std::int64_t> free_space(const fs::path& path) {
  std::error_code error;
  fs::path existing = fs::absolute(path, error);
  while (!fs::exists(existing, error) && existing.has_relative_path()) existing = existing.parent_path();
  struct statvfs facts {};
  if (::statvfs(existing.c_str(), &facts) != 0)
    return errno_status(errno, "cannot ask for free space", existing.native());
  return static_cast<std::int64_t>(facts.f_bavail) * static_cast<std::int64_t>(facts.f_frsize);
}

bool lies_within(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(path, error);
  if (error) return false;
  fs::path outer = fs::weakly_canonical(folder, error);
  if (error) return false;
  if (!outer.has_filename()) outer = outer.parent_path();
  auto each = inner.begin();
  for (const fs::path& part : outer) {
    if (each == inner.end() || *each != part) return false;
    ++each;
  }
  return true;
}

}  // namespace millrace::engine
