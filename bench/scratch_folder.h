// ScratchFolder: a new folder under the system's temporary one (TMPDIR), gone with the object. Not thread
// safe.
#pragma once

#include <filesystem>

#include "engine/base/status.h"

namespace millrace::bench {

class ScratchFolder {
 public:
  static engine::Result<ScratchFolder> make();
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;  // empty: moved from
};

}  // namespace millrace::bench
