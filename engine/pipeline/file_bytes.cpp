#include "engine/pipeline/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace millrace::engine {

Result<std::unique_ptr<FileBytes>> FileBytes::open(const std::filesystem::path& path) {
  // Without waiting for the other end of a pipe.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return errno_status(errno, "cannot open", path.native());
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return errno_status(errno, "cannot open", path.native());
  if (!S_ISREG(facts.st_mode)) return Status(Code::invalid_argument, path.native() + ": not a regular file");
  return std::unique_ptr<FileBytes>(new FileBytes(path.native(), std::move(fd), facts.st_size));
}

Result<std::size_t> FileBytes::read(std::span<char> into) {
  ssize_t got = 0;
  do got = ::pread(fd_.get(), into.data(), into.size(), position_);
  while (got < 0 && errno == EINTR);
  if (got < 0) return errno_status(errno, "cannot read", path_);
  position_ += got;
  return static_cast<std::size_t>(got);
}

Status FileBytes::seek(std::int64_t position) {
  position_ = position;
  return {};
}

}  // namespace millrace::engine
