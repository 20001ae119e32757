// StillWriter takes the finished pictures of an output and makes files of them. Safe to call from any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/pipeline/run_task.h"
#include "engine/pipeline/sink.h"
#include "engine/pipeline/still_list.h"

namespace millrace::engine {

class StillWriter {
 public:
  virtual ~StillWriter() = default;
  // `picture` as still_shape() makes it; `pts`: its own time, in ticks. Each still comes once, in any order.
  virtual Status add(const Still& still, std::int64_t pts, FramePtr picture) = 0;
  // All stills have come; the media ends at `end` ticks.
  virtual Status finish(std::int64_t end) = 0;
  // Files that were made and told.
  virtual std::int64_t files() const = 0;
};

// Writes `bytes` to segment.file below the folder (aside, synced, renamed), then tells the observer of it,
// with size and digest.
Status write_and_tell(const std::filesystem::path& output_folder, std::string_view bytes,
                      FinishedSegment segment, TaskObserver& observer);

}  // namespace millrace::engine
