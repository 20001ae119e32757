#include "engine/pipeline/subtitles.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/file.h"
#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/still_writer.h"
#include "engine/pipeline/subtitle_reader.h"
#include "engine/pipeline/task_meter.h"
#include "engine/plan/job_times.h"

namespace millrace::engine {
namespace {

// A file's clock starts where the source's does; the job's later by the trim.
std::int64_t trim_milliseconds(const Plan& plan) { return plan.trim_from * 1000 / kTicksPerSecond; }

Result<ReadCues> read_cues(const Plan& plan, const PlannedSubtitle& subtitle, const std::stop_token& stop) {
  if (subtitle.source_stream < 0) {
    auto read = read_text_file(subtitle.url, stop);
    if (read.ok() && !subtitle.sha256.empty() && read->sha256 != subtitle.sha256)
      return Status(Code::corrupt_input,
                    fmt::format("{}: the file has changed since the job was planned; submit the job again",
                                subtitle.url));
    return read;
  }
  const auto origin = [&](AVRational time_base) { return origin_pts(plan, from_av(time_base)); };
  return read_text_stream(plan.source, subtitle.source_stream, origin, plan.accept_damage, stop);
}

// A copy is read as any other WebVTT file: the same cues must come out.
Status check_file(const std::filesystem::path& file, const std::string& text, const std::vector<Cue>& cues,
                  const std::stop_token& stop) {
  const std::filesystem::path copy = file.native() + ".tmp.check";
  if (Status status = write_file(copy, text); !status.ok()) return status;
  const auto read = read_text_file(copy, stop);
  if (Status status = remove_tree(copy); !status.ok()) return status;
  if (!read.ok()) return read.status();
  if (read->cues == cues) return {};
  return Status(Code::internal, fmt::format("{}: {} cues were written, {} or others are read", file.native(),
                                            cues.size(), read->cues.size()));
}

}  // namespace

Result<TaskEnd> run_subtitles(const OutputTask& task, TaskObserver& observer, std::stop_token stop) {
  init_media_log();
  const Plan& plan = task.plan;
  const std::size_t index = task.output - plan.outputs.size();
  if (task.output < plan.outputs.size() || index >= plan.subtitles.size())
    return Status(Code::invalid_argument,
                  fmt::format("{}: the plan has no subtitle for output {}", plan.source.url, task.output));
  const PlannedSubtitle& subtitle = plan.subtitles[index];
  const TaskMeter meter;
  auto read = read_cues(plan, subtitle, stop);
  if (!read.ok()) return read.status();
  const double seconds = media_seconds(plan);
  const std::int64_t shift = subtitle.source_stream < 0 ? -trim_milliseconds(plan) : 0;
  const std::vector<Cue> cues = placed(std::move(read->cues), shift, std::llround(seconds * 1000));

  FinishedSegment made;
  made.track = subtitle.folder;
  made.file = subtitle.folder + "/subtitles.vtt";
  made.duration = std::llround(seconds * kTicksPerSecond);
  if (!cues.empty()) made.last_pts = cues.back().start * kTicksPerSecond / 1000;
  made.frames_in = made.frames = static_cast<std::int64_t>(cues.size());
  const std::string text = webvtt_file(cues);
  if (Status status = make_directories(task.output_folder / subtitle.folder); !status.ok()) return status;
  if (Status status = check_file(task.output_folder / made.file, text, cues, stop); !status.ok())
    return status;
  if (Status status = write_and_tell(task.output_folder, text, made, observer); !status.ok()) return status;
  observer.progress({seconds, made.frames});

  TaskEnd end;
  end.end_segment = 1;
  end.end_of_source = true;
  end.media_seconds = seconds;
  DamageLog lost(plan.accept_damage);
  for (const std::string& sentence : read->lost) lost.add(sentence);
  end.lost = lost.sentences();
  end.cpu_seconds = meter.cpu_seconds();
  end.peak_memory_bytes = TaskMeter::peak_memory_bytes();
  return end;
}

}  // namespace millrace::engine
