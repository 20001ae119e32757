#include "engine/pipeline/file_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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
  const auto found = task.segments.find(folder);
  const std::int64_t count = found == task.segments.end() ? 0 : found->second;
  const auto headers = task.headers.find(folder);
  std::map<std::int64_t, std::size_t> place;  // of headers among the inits
  for (std::int64_t index = 0; index < count; ++index) {
    const auto at = static_cast<std::size_t>(index);
    const std::int64_t number = headers == task.headers.end() ? 0 : headers->second[at];
    const auto [known, is_new] = place.try_emplace(number, track.inits.size());
    if (is_new) track.inits.push_back(task.output_folder / folder / init_file_name(static_cast<int>(number)));
    track.init_of.push_back(known->second);
    track.segments.push_back(task.output_folder / folder / segment_file_name(index));
  }
  return track;
}

Status check_headers(const OutputTask& task) {
  for (const auto& [track, headers] : task.headers) {
    const auto count = task.segments.find(track);
    const bool fits =
        count != task.segments.end() && count->second == static_cast<std::int64_t>(headers.size()) &&
        std::all_of(headers.begin(), headers.end(), [](std::int64_t each) { return each >= 0; });
    if (!fits)
      return Status(Code::invalid_argument,
                    fmt::format("{}: the task names other headers than its segments have", track));
  }
  return {};
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
  if (Status status = check_headers(task); !status.ok()) return status.under(output.name);
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
