#include "engine/schedule/picture_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "engine/pipeline/first_failure.h"
#include "engine/plan/threads.h"
#include "engine/schedule/task_listener.h"
#include "engine/schedule/track_folder.h"
#include "engine/schedule/until_unwanted.h"

namespace millrace::engine {
namespace {

Status stopped() { return {Code::cancelled, "stopped before the end"}; }

std::vector<std::string> folders_of(const Plan& plan) {
  std::vector<std::string> folders;
  for (const PlannedRendition& each : plan.renditions) folders.push_back(each.folder);
  return folders;
}

}  // namespace

Status PictureRanges::make(const std::stop_token& stop) {
  std::vector<std::string> tracks = folders_of(parts_.wanted());
  if (tracks.empty() || parts_.books.all_whole(tracks)) return {};
  made_ = seconds_before(parts_.books.least(tracks));
  while (std::optional<Work> first = head()) {
    if (is_halted(stop)) return stopped();
    const Status made = make(*first, stop);
    give_back(*first);
    if (!made.ok()) return made;
  }
  FirstFailure failure(stop);
  {
    std::vector<std::jthread> beside;
    const auto run = [&] {
      if (Status s = work(failure.token()); !s.ok()) failure.report(s);
    };
    for (int i = 1; i < parts_.plan.ranges_at_once; ++i) beside.emplace_back(run);
    run();
  }
  if (Status s = failure.status(); !s.ok()) return s;
  tracks = folders_of(parts_.wanted());
  if (tracks.empty()) return {};
  const std::lock_guard lock(mutex_);
  const bool is_whole = source_end_ && parts_.books.unbroken(tracks) == *source_end_;
  return !is_whole && is_halted(stop) ? stopped() : close(tracks);
}

// The first segment of the smallest rendition alone, then that of the others: an encoder gives out what it
// holds when a range ends. A paced range is read once, it makes nothing sooner. A first range that came to
// the source's end made all there is, be it nothing.
std::optional<PictureRanges::Work> PictureRanges::head() const {
  const std::vector<std::string> tracks = folders_of(parts_.wanted());
  if (!parts_.watched_early || parts_.plan.real_time || tracks.size() < 2 ||
      parts_.plan.estimated_segments == 1 || source_end_)
    return std::nullopt;
  const auto has_one = [&](const std::string& track) { return parts_.books.unbroken(track) > 0; };
  const auto begun = std::count_if(tracks.begin(), tracks.end(), has_one);
  if (begun == static_cast<std::ptrdiff_t>(tracks.size())) return std::nullopt;
  return Work{{0, 1}, begun == 0};
}

Status PictureRanges::work(const std::stop_token& stop) {
  while (!is_halted(stop)) {
    const std::optional<SegmentRange> range = take();
    if (!range) return {};
    Work work{*range};
    const Status made = make(work, stop);
    give_back(work);
    if (!made.ok()) return made;
  }
  return {};
}

std::optional<SegmentRange> PictureRanges::take() {
  const std::vector<std::string> tracks = folders_of(parts_.wanted());
  const std::lock_guard lock(mutex_);
  const auto open = open_range(parts_.books.indexes(tracks), busy_, source_end_);
  if (!open || tracks.empty()) return std::nullopt;
  busy_.push_back(part_of(*open, parts_.plan.ranges_at_once, parts_.plan.estimated_segments,
                          least_segments_of(parts_.plan.clock)));
  return busy_.back();
}

void PictureRanges::give_back(const Work& work) {
  const std::lock_guard lock(mutex_);
  std::erase(busy_, work.range);
  std::erase(under_way_, &work);
}

RangeTask PictureRanges::task_for(const Work& work) const {
  RangeTask task{parts_.wanted(), 0, work.range.end, parts_.output_folder, {}};
  const std::vector<std::string> tracks = folders_of(task.plan);
  for (const auto& have : parts_.books.indexes(tracks)) {
    std::int64_t lacking = work.range.first;
    while (have.contains(lacking) && lacking != work.range.end) ++lacking;
    task.lacking_from.push_back(lacking);
  }
  if (work.smallest_alone && !tracks.empty()) {
    std::fill(task.lacking_from.begin(), task.lacking_from.end() - 1, work.range.end);
    task.plan.decoder_threads = decoder_threads_alone(task.plan);
  }
  task.plan.ranges_at_once = 1;
  task.first_segment = tracks.empty() ? work.range.first
                                      : *std::min_element(task.lacking_from.begin(), task.lacking_from.end());
  return task;
}

Status PictureRanges::make(Work& work, const std::stop_token& stop) {
  TaskRetries retries(parts_.retries, task_for(work).first_segment, &parts_.plan);
  while (true) {
    RangeTask task = task_for(work);
    const std::vector<std::string> tracks = folders_of(task.plan);
    // Also where what it lacked was left out since.
    if (tracks.empty() || (work.range.end >= 0 && task.first_segment >= work.range.end)) return {};
    if (is_halted(stop)) return {};
    const UntilUnwanted until(parts_.plan, tracks, parts_.control, stop);
    if (until.unwanted()) continue;  // one was left out since
    retries.take_care(task.plan);
    const double start = seconds_before(task.first_segment) - seconds_before(work.range.first);
    TaskListener listener(
        parts_.books, tracks, parts_.booked,
        [&](double at) {
          if (!work.smallest_alone) tell(work, start + at);
        },
        parts_.control.paused());
    const Result<TaskEnd> end = parts_.workers.run_range(task, listener, until.token());
    if (end.ok()) return settle(work, task, *end, stop);
    if (until.unwanted()) continue;
    const std::int64_t reached = task_for(work).first_segment;
    if (!retries.another(end.status(), reached, stop,
                         fmt::format("the pictures from segment {}", reached + 1)))
      return end.status();
  }
}

Status PictureRanges::settle(const Work& work, const RangeTask& task, const TaskEnd& end,
                             const std::stop_token& stop) {
  std::vector<std::string> made;
  for (std::size_t i = 0; i < task.plan.renditions.size(); ++i)
    if (task.end_segment < 0 || task.lacking_from[i] < task.end_segment)
      made.push_back(task.plan.renditions[i].folder);
  if (Status s = parts_.books.settle(made, end, work.range.first); !s.ok()) return s;
  const bool is_whole = end.end_of_source || (task.end_segment >= 0 && end.end_segment >= task.end_segment);
  if (!is_whole && !is_halted(stop))
    return {Code::internal, fmt::format("{}: the worker ended at segment {}, before the end of its range",
                                        made.front(), end.end_segment)};
  const std::lock_guard lock(mutex_);
  std::erase(under_way_, &work);
  if (!work.smallest_alone)
    made_ += std::max(seconds_before(end.end_segment) - seconds_before(work.range.first), 0.0);
  // What is begun beyond the end ends where it began.
  if (end.end_of_source) source_end_ = std::min(source_end_.value_or(end.end_segment), end.end_segment);
  return {};
}

Status PictureRanges::close(const std::vector<std::string>& tracks) {
  if (!source_end_)
    return {Code::internal, fmt::format("{}: no worker came to the end of the source", tracks.front())};
  if (*source_end_ < 1)
    return {Code::internal, fmt::format("{}: the worker made no segment", tracks.front())};
  for (const std::string& track : tracks) {
    if (const std::int64_t has = parts_.books.unbroken(track); has != *source_end_)
      return {Code::internal, fmt::format("{}: {} of {} segments were booked", track, has, *source_end_)};
    const std::vector<int> headers = headers_of(parts_.books.from_start({track}).front());
    if (Status s = sweep_track_folder(parts_.output_folder / track, *source_end_, headers); !s.ok()) return s;
    if (Status s = parts_.books.note_end(track, *source_end_); !s.ok()) return s;
  }
  return {};
}

void PictureRanges::tell(Work& work, double at) {
  double all = 0;
  {
    const std::lock_guard lock(mutex_);
    work.at = at;
    if (std::find(under_way_.begin(), under_way_.end(), &work) == under_way_.end())
      under_way_.push_back(&work);
    all = made_;
    for (const Work* each : under_way_) all += each->at;
  }
  parts_.at(all);
}

double PictureRanges::seconds_before(std::int64_t segment) const {
  return static_cast<double>(parts_.plan.clock.start_of(segment)) / kTicksPerSecond;
}

}  // namespace millrace::engine
