// ScratchFolder: a new folder that is gone with the object. Not thread safe.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "engine/base/status.h"

namespace millrace::engine {

class ScratchFolder {
 public:
  // millrace-PURPOSE-XXXXXX in `parent`; empty: in the system's temporary folder (TMPDIR). io_error when that
  // is no folder.
  static Result<ScratchFolder> make(std::string_view purpose, std::filesystem::path parent = {});
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;  // empty: moved from
};

}  // namespace millrace::engine
