// Thumbnails: each still is a file of its own, NAME/0001.jpg and so on. Safe to call from any thread.
#pragma once

#include <atomic>

#include "engine/pipeline/still_writer.h"

namespace millrace::engine {

class Thumbnails final : public StillWriter {
 public:
  // The folder is there. `observer` hears one call at a time.
  Thumbnails(const PlannedOutput& output, std::filesystem::path output_folder, TaskObserver& observer);

  Status add(const Still& still, std::int64_t pts, FramePtr picture) override;
  Status finish(std::int64_t end) override;
  std::int64_t files() const override { return files_; }

 private:
  const PlannedOutput& output_;
  const std::filesystem::path output_folder_;
  TaskObserver& observer_;
  std::atomic<std::int64_t> files_ = 0;
};

}  // namespace millrace::engine
