// OutputFolder: the place of a one-shot job's files. Gone again, with all it made, unless keep() was called.
// Not thread safe.
#pragma once

#include <filesystem>

#include "engine/base/status.h"

namespace millrace::server {

class OutputFolder {
 public:
  // Makes the folder, parents included, or takes an empty one. already_exists when something lies there,
  // which is left as it is; io_error when it cannot be made or written.
  static engine::Result<OutputFolder> claim(const std::filesystem::path& path);

  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&&) = delete;
  ~OutputFolder();

  const std::filesystem::path& path() const { return path_; }  // absolute
  void keep() { kept_ = true; }

 private:
  OutputFolder(std::filesystem::path path, std::filesystem::path made);

  std::filesystem::path path_;
  std::filesystem::path made_;  // the topmost folder that was not there before; empty: none
  bool kept_ = false;
};

}  // namespace millrace::server
