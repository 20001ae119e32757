// The tasks that a worker runs: a range of segments of all renditions, a job's sound, an output that needs no
// segments, a film. Blocking; one at a time per process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/plan.h"
#include "engine/plan/segment.h"

namespace millrace::engine {

class Backend;

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
  // What damage took, where it is accepted: told before the segment it fell into, so that a task that is cut
  // off has told of all that its segments lack. The same sentences stand in TaskEnd::lost.
  virtual void lost(const std::string& /*sentence*/) {}
  // Asked once, when the task begins. A stop request on this token asks a range to end at its next segment's
  // edge, with every segment that it has begun whole; TaskEnd says where. Other tasks do not listen to it.
  virtual std::stop_token enough() const { return {}; }
};

// Segments [first_segment, end_segment) of every rendition of the plan, below `output_folder`. Each
// rendition's init.mp4 is written if absent, and must be the same bytes if present; a rendition that is
// encoded on a device, or was planned so, may have others beside it (FinishedSegment::headers). What lies
// under a final name is whole.
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
  double cpu_seconds = 0;         // of this process, for this task
  std::vector<std::string> lost;  // what damage took, a sentence each, at most 100; only where it is accepted
  std::int64_t peak_memory_bytes = 0;  // of this process so far
};

// corrupt_input for damage in the source, with its place ("at 12.480 s: ..."); io_error and
// resource_exhausted for the disk; cancelled after a stop request (whole segments stay).
Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop);

// The same on devices that `backend` opens.
Result<TaskEnd> run_range_on(
    const std::function<Result<std::unique_ptr<Backend>>(const std::string&)>& backend, const RangeTask& task,
    TaskObserver& observer, std::stop_token stop);

// One sound track of the plan, whole, as AAC segments cut on the plan's grid. Starts over when it is run
// again.
struct SoundTask {
  Plan plan;
  std::size_t sound = 0;  // index into plan.sounds
  std::filesystem::path output_folder;
};
Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop);

// One output that is a file or stills (everything but adaptive), whole; or one subtitle track. Each file that
// is made is told as a segment: `track` is the output's path (the subtitle's folder), `index` counts from 0,
// `file` is where it lies, frames are pictures (or samples of sound alone). Starts over when it is run again;
// a file appears by rename, after it was decoded again and found whole.
struct OutputTask {
  Plan plan;
  std::size_t output =
      0;  // index into plan.outputs; past them: subtitle (output - outputs.size()) of plan.subtitles
  std::filesystem::path output_folder;
  // For a file that is joined from segments: how many each of its tracks has.
  std::map<std::string, std::int64_t> segments;
  // Of tracks that have more than init.mp4, or another: FinishedSegment::headers of each segment.
  std::map<std::string, std::vector<std::int64_t>> headers = {};
};
Result<TaskEnd> run_output(const OutputTask& task, TaskObserver& observer, std::stop_token stop);

// The pictures of the plan's source after its normalisations, as far as its trim, in a codec that no output
// can have (backend/software/film_encoder.h): a Matroska file. The source's rate is constant.
struct FilmTask {
  Plan plan;
  std::string codec;  // as FFmpeg names it
  std::filesystem::path output_folder;
  std::string file;  // its name there
};
// unsupported where there is no encoder of that codec.
Result<TaskEnd> run_film(const FilmTask& task, std::stop_token stop);

}  // namespace millrace::engine
