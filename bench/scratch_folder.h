// ScratchFolder: a new folder that is gone with the object. Not thread safe.
#pragma once

#include <filesystem>

#include "engine/base/status.h"

namespace millrace::bench {

class ScratchFolder {
 public:
  // In `parent`; empty: in the system's temporary folder (TMPDIR).
  static engine::Result<ScratchFolder> make(std::filesystem::path parent = {});
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;  // empty: moved from
};

}  // namespace millrace::bench
