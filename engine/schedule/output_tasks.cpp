#include "engine/schedule/output_tasks.h"

#include "engine/base/file.h"
#include "engine/schedule/task_listener.h"
#include "engine/schedule/track_folder.h"
#include "engine/schedule/until_unwanted.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

// Where a task's files lie, and what they are called up to the first dot; empty: every file of the folder is
// the task's.
struct Place {
  fs::path folder;  // below the job's output folder
  std::string stem;
};

Place place_of(const Plan& plan, std::size_t task) {
  const std::string& track = track_of_task(plan, task);
  // A subtitle's playlist beside it is the packager's.
  if (task >= plan.outputs.size()) return {track, "subtitles"};
  if (plan.outputs[task].type == PlannedOutput::Type::thumbnails) return {track, ""};
  // Names of outputs have no dots.
  return {"", fs::path(track).stem().native()};
}

}  // namespace

const std::string& track_of_task(const Plan& plan, std::size_t task) {
  return task < plan.outputs.size() ? plan.outputs[task].path
                                    : plan.subtitles[task - plan.outputs.size()].folder;
}

Status OutputTasks::make_alone(const std::stop_token& stop) {
  const Plan& plan = parts_.plan;
  for (std::size_t i = 0; i < plan.subtitles.size(); ++i)
    if (Status s = make(plan.outputs.size() + i, stop); !s.ok()) return s;
  for (std::size_t i = 0; i < plan.outputs.size(); ++i)
    if (plan.outputs[i].is_made_alone())
      if (Status s = make(i, stop); !s.ok()) return s;
  return {};
}

Status OutputTasks::join(std::size_t output, const std::stop_token& stop) { return make(output, stop); }

Status OutputTasks::make(std::size_t number, const std::stop_token& stop) {
  return while_wanted(parts_.plan, track_of_task(parts_.plan, number), parts_.control, stop,
                      [&](const std::stop_token& until) { return make_whole(number, until); });
}

// How many a track has, and which headers, where these are not all the first.
void OutputTasks::name_segments(const std::string& track, OutputTask& task) const {
  const Segments segments = parts_.books.from_start({track}).front();
  task.segments[track] = static_cast<std::int64_t>(segments.size());
  if (headers_of(segments) == std::vector<int>{0}) return;
  for (const FinishedSegment& each : segments) task.headers[track].push_back(each.headers);
}

Status OutputTasks::make_whole(std::size_t number, const std::stop_token& stop) {
  const std::string& track = track_of_task(parts_.plan, number);
  if (parts_.books.all_whole({track})) {
    parts_.made(number);
    return {};
  }
  OutputTask task{parts_.plan, number, parts_.output_folder, {}};
  if (number < parts_.plan.outputs.size())
    for (const auto* tracks : {&parts_.plan.outputs[number].renditions, &parts_.plan.outputs[number].sounds})
      for (const std::string& each : *tracks) name_segments(each, task);
  if (Status s = make_directories(parts_.output_folder / place_of(parts_.plan, number).folder); !s.ok())
    return s;
  TaskRetries retries(parts_.retries, 0, &parts_.plan, number);
  while (true) {
    if (Status s = parts_.books.drop_from(track, 0); !s.ok()) return s;
    if (Status s = sweep(number, {}); !s.ok()) return s;
    retries.take_care(task.plan);
    TaskListener listener(parts_.books, {track}, parts_.booked, [&](double at) { parts_.at(number, at); });
    const Result<TaskEnd> end = parts_.workers.run_output(task, listener, stop);
    if (end.ok()) {
      if (end->end_segment == 0) return {Code::internal, track + ": the worker made no file"};
      if (Status s = parts_.books.settle({track}, *end); !s.ok()) return s;
      std::set<std::string> kept;
      const std::vector<Segments> files = parts_.books.from_start({track});
      for (const FinishedSegment& each : files.front()) kept.insert(fs::path(each.file).filename().native());
      if (Status s = sweep(number, kept); !s.ok()) return s;
      if (Status s = parts_.books.note_end(track, end->end_segment); !s.ok()) return s;
      parts_.made(number);
      return {};
    }
    if (!retries.another(end.status(), parts_.books.unbroken(track), stop, track)) return end.status();
  }
}

Status OutputTasks::sweep(std::size_t task, const std::set<std::string>& kept) const {
  const Place place = place_of(parts_.plan, task);
  return sweep_output_files(parts_.output_folder / place.folder, place.stem, kept);
}

Status OutputTasks::remove_files(const Plan& plan, const fs::path& output_folder) {
  for (std::size_t task = 0; task < plan.outputs.size() + plan.subtitles.size(); ++task) {
    if (task < plan.outputs.size() && plan.outputs[task].type == PlannedOutput::Type::adaptive) continue;
    const Place place = place_of(plan, task);
    if (Status s = sweep_output_files(output_folder / place.folder, place.stem, {}); !s.ok()) return s;
  }
  return {};
}

}  // namespace millrace::engine
