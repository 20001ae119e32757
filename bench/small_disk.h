// SmallDisk: a disk of our own on a folder, whose size can be changed at any moment, so that it is full when
// a measurement wants it full. Seen by the thread that mounts it and the processes it starts, and by nobody
// else; gone with the object. Belongs to that thread.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/status.h"

namespace millrace::bench {

class SmallDisk {
 public:
  // A tmpfs on an existing folder, in a mount namespace of its own. unsupported, with the kernel's reason,
  // where this process may not mount.
  static engine::Result<SmallDisk> mount(const std::filesystem::path& folder, std::int64_t bytes);
  SmallDisk(SmallDisk&& other) noexcept;
  SmallDisk& operator=(SmallDisk&&) = delete;
  ~SmallDisk();

  engine::Status resize(std::int64_t bytes);
  // Leaves so many bytes free, somewhat more where others write meanwhile.
  engine::Status leave_free(std::int64_t bytes);

 private:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;  // empty: moved from
};

}  // namespace millrace::bench
