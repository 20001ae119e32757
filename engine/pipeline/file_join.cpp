#include "engine/pipeline/file_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/package/remux.h"
#include "engine/pipeline/file_staging.h"
#include "engine/pipeline/task_meter.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

// The files of a track, as far as the task says that it has segments.
JoinTrack files_of(const OutputTask& task, const std::string& folder) {
  JoinTrack track;
  track.init = task.output_folder / folder / "init.mp4";
  const auto found = task.segments.find(folder);
  const std::int64_t count = found == task.segments.end() ? 0 : found->second;
  for (std::int64_t index = 0; index < count; ++index)
    track.segments.push_back(task.output_folder / folder / segment_file_name(index));
  return track;
}

Result<std::vector<JoinTrack>> tracks_of(const OutputTask& task, const PlannedOutput& output) {
  std::vector<JoinTrack> tracks;
  const VideoTrack* video = task.plan.source.main_video();
  for (const std::string& folder : output.renditions) {
    JoinTrack track = files_of(task, folder);
    if (track.segments.empty())
      return Status(Code::internal, fmt::format("no segment of {} is finished", folder));
    for (const PlannedRendition& each : task.plan.renditions) {
      if (each.folder != folder) continue;
      track.ten_bit = each.ten_bit;
      if (video != nullptr && !video->variable_frame_rate) track.frame_rate = each.frame_rate;
    }
    track.is_default = tracks.empty();
    tracks.push_back(std::move(track));
  }
  bool first_sound = true;
  for (const std::string& folder : output.sounds) {
    JoinTrack track = files_of(task, folder);
    if (track.segments.empty()) continue;
    track.is_default = first_sound;
    first_sound = false;
    tracks.push_back(std::move(track));
  }
  if (tracks.empty()) return Status(Code::internal, "no segment of it is finished");
  return tracks;
}

}  // namespace

Result<TaskEnd> run_join(const OutputTask& task, TaskObserver& observer, std::stop_token stop) {
  const TaskMeter meter;
  const PlannedOutput& output = task.plan.outputs[task.output];
  const auto tracks = tracks_of(task, output);
  if (!tracks.ok()) return tracks.status().under(output.name);
  StagedFile staged(task.output_folder, output.path);
  if (Status status = staged.prepare(); !status.ok()) return status;

  double joined = 0;
  const auto written = join_segments(*tracks, output.container, staged.staging(), [&](double seconds) {
    joined = seconds;
    observer.progress({seconds, 0});
    return stop.stop_requested() ? Status(Code::cancelled, "stopped on request") : Status();
  });
  if (!written.ok()) return written.status().under(output.name);
  std::vector<ExpectedTrack> expected;
  for (const WrittenTrack& each : *written) expected.push_back(expected_of(each));
  DecodeSettings settings;
  settings.threads = task.plan.decoder_threads;
  const auto record = staged.finish(*written, expected, settings, stop);
  if (!record.ok()) return record.status().under(output.name);
  if (Status status = observer.segment_finished(*record); !status.ok()) return status;

  TaskEnd end;
  end.end_segment = 1;
  end.end_of_source = true;
  end.media_seconds = static_cast<double>(record->duration) / static_cast<double>(record->timescale);
  end.cpu_seconds = meter.cpu_seconds();
  end.peak_memory_bytes = TaskMeter::peak_memory_bytes();
  return end;
}

}  // namespace millrace::engine
