#include "bench/small_disk.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <string>
#include <utility>

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;

Status refused(const char* call) {
  return {Code::unsupported, fmt::format("{}: {}", call, engine::errno_text(errno))};
}

int mount_tmpfs(const std::filesystem::path& folder, std::int64_t bytes, unsigned long flags) {
  const std::string options = fmt::format("size={},mode=0700", bytes);
  return ::mount("millrace", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | flags, options.c_str());
}

}  // namespace

Result<SmallDisk> SmallDisk::mount(const std::filesystem::path& folder, std::int64_t bytes) {
  if (::unshare(CLONE_NEWNS) != 0) return refused("a mount namespace");
  // What we mount must not spread to where the others look.
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return refused("a private mount");
  if (mount_tmpfs(folder, bytes, 0) != 0) return refused("a tmpfs");
  return SmallDisk(folder);
}

SmallDisk::SmallDisk(SmallDisk&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}

SmallDisk::~SmallDisk() {
  if (!folder_.empty()) ::umount2(folder_.c_str(), MNT_DETACH);
}

Status SmallDisk::resize(std::int64_t bytes) {
  if (mount_tmpfs(folder_, bytes, MS_REMOUNT) == 0) return {};
  return engine::errno_status(errno, fmt::format("a disk cannot become {} bytes large", bytes),
                              folder_.native());
}

Status SmallDisk::leave_free(std::int64_t bytes) {
  Status status;
  // It cannot become smaller than what is used, which may have grown since we looked.
  for (int tries = 0; tries < 8; ++tries, bytes *= 2) {
    struct statvfs facts {};
    if (::statvfs(folder_.c_str(), &facts) != 0)
      return engine::errno_status(errno, "cannot be looked at", folder_.native());
    const auto used = static_cast<std::int64_t>((facts.f_blocks - facts.f_bfree) * facts.f_frsize);
    status = resize(used + bytes);
    if (status.ok()) break;
  }
  return status;
}

}  // namespace millrace::bench
