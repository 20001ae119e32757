// The two tasks a worker runs: a range of segments of all renditions, and a job's sound. Blocking; one at a
// time per process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/plan.h"
#include "engine/plan/segment.h"

namespace millrace::engine {

struct TaskProgress {
  double media_seconds = 0;  // of this task's part of the source
  std::int64_t frames = 0;
};

// Hears of a task as it goes. Called from the task's threads, one call at a time.
class TaskObserver {
 public:
  virtual ~TaskObserver() = default;
  // The segment is whole, checked and has its final name. A failure ends the task.
  virtual Status segment_finished(const FinishedSegment& segment) = 0;
  virtual void progress(const TaskProgress& progress) = 0;
};

// Segments [first_segment, end_segment) of every rendition of the plan, below `output_folder`. Each
// rendition's init.mp4 is written if absent, and must be the same bytes if present. What lies under a final
// name is whole.
struct RangeTask {
  Plan plan;
  std::int64_t first_segment = 0;
  std::int64_t end_segment = -1;  // -1: to the end of the source
  std::filesystem::path output_folder;
  // The first segment that each rendition still lacks, in the plan's order, none below first_segment; empty:
  // all lack first_segment. A rendition that lacks none before end_segment is not made.
  std::vector<std::int64_t> lacking_from;
};

struct TaskEnd {
  std::int64_t end_segment = 0;  // one past the last segment made
  bool end_of_source = false;    // the source was read to its end
  double media_seconds = 0;
  double cpu_seconds = 0;              // of this process, for this task
  std::int64_t peak_memory_bytes = 0;  // of this process so far
};

// corrupt_input for damage in the source, with its place ("at 12.480 s: ..."); io_error and
// resource_exhausted for the disk; cancelled after a stop request (whole segments stay).
Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop);

// One sound track of the plan, whole, as AAC segments cut on the plan's grid. Starts over when it is run
// again.
struct SoundTask {
  Plan plan;
  std::size_t sound = 0;  // index into plan.sounds
  std::filesystem::path output_folder;
};
Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop);

}  // namespace millrace::engine
