#include "bench/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/file.h"

namespace millrace::bench {

engine::Result<ScratchFolder> ScratchFolder::make(std::filesystem::path parent) {
  std::error_code error;
  if (parent.empty()) parent = std::filesystem::temp_directory_path(error);
  if (error)
    return engine::Status(engine::Code::io_error,
                          "TMPDIR names no folder (" + error.message() + "); set it to a folder with room");
  std::string pattern = (parent / "millrace-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    return engine::errno_status(errno, "cannot make a folder for the outputs", parent.native());
  return ScratchFolder(pattern);
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

ScratchFolder::~ScratchFolder() {
  // What cannot be removed stays in the temporary folder; there is nobody left to tell.
  if (!path_.empty()) static_cast<void>(engine::remove_tree(path_));
}

}  // namespace millrace::bench
