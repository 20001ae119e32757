#include "engine/base/scratch_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/file.h"

namespace millrace::engine {

Result<ScratchFolder> ScratchFolder::make(std::string_view purpose, std::filesystem::path parent) {
  std::error_code error;
  if (parent.empty()) parent = std::filesystem::temp_directory_path(error);
  if (error)
    return Status(Code::io_error,
                  "TMPDIR names no folder (" + error.message() + "); set it to a folder with room");
  std::string pattern = (parent / fmt::format("millrace-{}-XXXXXX", purpose)).string();
  if (::mkdtemp(pattern.data()) == nullptr)
    return errno_status(errno, "cannot make a folder", parent.native());
  return ScratchFolder(pattern);
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

ScratchFolder::~ScratchFolder() {
  // What cannot be removed stays in the temporary folder; there is nobody left to tell.
  if (!path_.empty()) static_cast<void>(remove_tree(path_));
}

}  // namespace millrace::engine
