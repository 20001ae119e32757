// FileBytes reads a file of this machine. One thread at a time; blocks on the disk.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/unique_fd.h"
#include "engine/pipeline/source_bytes.h"

namespace millrace::engine {

class FileBytes final : public SourceBytes {
 public:
  // not_found or io_error; invalid_argument for what is no regular file.
  static Result<std::unique_ptr<FileBytes>> open(const std::filesystem::path& path);

  Result<std::size_t> read(std::span<char> into) override;
  Status seek(std::int64_t position) override;
  bool can_seek() const override { return true; }
  std::int64_t size() const override { return size_; }

 private:
  FileBytes(std::string path, UniqueFd fd, std::int64_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  const std::string path_;
  const UniqueFd fd_;
  const std::int64_t size_;
  std::int64_t position_ = 0;
};

}  // namespace millrace::engine
