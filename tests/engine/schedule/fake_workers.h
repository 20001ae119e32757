// FakeWorkers: a WorkerPool whose tasks make small files instead of media, and die, fail or wait where the
// test says so.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/file.h"
#include "engine/plan/capacity.h"
#include "engine/plan/placement.h"
#include "engine/work/worker_pool.h"

namespace millrace::engine {

// 12 s of 1280x720 at 25 frames/s with stereo sound: three segments of 4 s.
inline Source small_source(const std::string& url) {
  Source source = nominal_source();
  source.url = url;
  source.size_bytes = 1'000'000;
  VideoTrack& video = source.video[0];
  video.width = 1280;
  video.height = 720;
  video.frame_count = 300;
  source.duration_seconds = video.duration_seconds = source.audio[0].duration_seconds = 12;
  return source;
}

class FakeWorkers final : public WorkerPool {
 public:
  std::int64_t segments = 3;  // of the source
  // Before a segment of a track is made: a failure ends the task with it, before the file.
  std::function<Status(const std::string& track, std::int64_t index, std::stop_token stop)> before;
  // The same for ranges, by the plan that they are made by.
  std::function<Status(const Plan& plan, std::int64_t index)> before_of_plan;
  // After a segment of a range, before its task looks whether that is enough.
  std::function<void(std::int64_t index, const std::stop_token& enough, const std::stop_token& stop)> at_edge;
  std::function<void(Source&)> see;                      // what inspect sees instead
  int deaths_at_inspection = 0;                          // so many workers die of the look at the source
  std::function<Status(int inspection)> at_inspection;   // a failure ends that look, from 1
  std::function<Status(const std::string& url)> at_url;  // the same, by what is looked at
  std::function<std::int64_t(const std::string& track)> segments_of;  // of a sound, instead of `segments`
  std::string wrong_track;  // outputs' files are reported under this track instead of their own
  std::function<Result<Likeness>(const std::filesystem::path& track, const std::filesystem::path& reference)>
      alike;
  // What a task tells that damage took, before its first file and again at its end.
  std::function<std::vector<std::string>(const std::string& track)> losses;

  Result<Source> inspect(const std::string& url, bool accept_damage, std::stop_token stop) override {
    damage_accepted = accept_damage;
    if (++inspections <= deaths_at_inspection)
      return Status(Code::device_lost, "worker 7 died of signal 9 (Killed)");
    if (at_inspection)
      if (Status s = at_inspection(inspections); !s.ok()) return s;
    if (at_url)
      if (Status s = at_url(url); !s.ok()) return s;
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped");
    Source source = small_source(url);
    if (see) see(source);
    return source;
  }

  Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop) override {
    {
      const std::lock_guard lock(mutex_);
      ranges_.push_back(task.first_segment);
      lacking_.push_back(task.lacking_from);
      decoder_threads_.push_back(task.plan.decoder_threads);
      std::string places;
      for (const Stage stage : {Stage::decode, Stage::filters, Stage::encode})
        places += device_of(task.plan, stage) == kCpu ? 'c' : 'g';
      places_.emplace_back(task.plan.source.url, places);
    }
    const std::vector<std::string> lost = tell_lost(task.plan.renditions.front().folder, observer);
    std::int64_t end = task.end_segment < 0 ? segments : std::min(segments, task.end_segment);
    const std::stop_token enough = observer.enough();
    for (std::int64_t index = task.first_segment; index < end; ++index) {
      if (before_of_plan)
        if (Status s = before_of_plan(task.plan, index); !s.ok()) return s;
      for (std::size_t i = 0; i < task.plan.renditions.size(); ++i)
        if (task.lacking_from.empty() || index >= task.lacking_from[i])
          if (Status s = make(task.output_folder, task.plan.renditions[i].folder, index, observer, stop);
              !s.ok())
            return s;
      observer.progress({static_cast<double>(4 * (index + 1 - task.first_segment)), 100 * (index + 1)});
      if (at_edge) at_edge(index, enough, stop);
      if (enough.stop_requested()) end = index + 1;
    }
    TaskEnd made = ended(std::max(end, task.first_segment), 1.5, lost);
    made.end_of_source = made.end_segment >= segments;
    return made;
  }

  Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop) override {
    ++sounds;
    const std::vector<std::string> lost = tell_lost(task.plan.sounds[task.sound].folder, observer);
    const std::string& track = task.plan.sounds[task.sound].folder;
    const std::int64_t count = segments_of ? segments_of(track) : segments;
    for (std::int64_t index = 0; index < count; ++index) {
      if (Status s = make(task.output_folder, track, index, observer, stop); !s.ok()) return s;
      observer.progress({static_cast<double>(4 * (index + 1)), 0});
    }
    return ended(count, 0.5, lost);
  }

  // One file; of stills one for each time that was asked for, of sprites a sheet and its WebVTT.
  Result<TaskEnd> run_output(const OutputTask& task, TaskObserver& observer, std::stop_token stop) override {
    const std::size_t outputs = task.plan.outputs.size();
    const bool subtitle = task.output >= outputs;
    const std::string track =
        subtitle ? task.plan.subtitles[task.output - outputs].folder : task.plan.outputs[task.output].path;
    {
      const std::lock_guard lock(mutex_);
      made_.push_back(track);
      output_threads_.push_back(task.plan.decoder_threads);
      joined_[track] = task.segments;
    }
    std::vector<std::string> files{subtitle ? track + "/subtitles.vtt" : track};
    if (!subtitle && task.plan.outputs[task.output].type == PlannedOutput::Type::thumbnails) {
      files.clear();
      for (std::size_t i = 0; i < task.plan.outputs[task.output].stills.at.size(); ++i)
        files.push_back(fmt::format("{}/{:04}.jpg", track, i + 1));
    } else if (!subtitle && task.plan.outputs[task.output].type == PlannedOutput::Type::sprites) {
      files.push_back(std::filesystem::path(track).replace_extension(".vtt"));
    }
    const std::vector<std::string> lost = tell_lost(track, observer);
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      if (before)
        if (Status s = before(track, index, stop); !s.ok()) return s;
      if (stop.stop_requested()) return Status(Code::cancelled, "stopped");
      if (Status s = write_file(task.output_folder / files[i], "of output"); !s.ok()) return s;
      FinishedSegment file;
      file.track = wrong_track.empty() ? track : wrong_track;
      file.index = index;
      file.file = files[i];
      file.frames = file.frames_in = 1;
      file.bytes = 9;
      if (Status s = observer.segment_finished(file); !s.ok()) return s;
      observer.progress({6, 1});
    }
    return ended(static_cast<std::int64_t>(files.size()), 0.25, lost);
  }

  Result<TaskEnd> run_film(const FilmTask& task, std::stop_token stop) override {
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped");
    if (Status s = write_file(task.output_folder / task.file, "film"); !s.ok()) return s;
    return ended(0, 0.5, {});
  }

  // Where the test says nothing, any two tracks are the same.
  Result<Likeness> compare(const std::filesystem::path& track, const std::filesystem::path& reference,
                           std::stop_token) override {
    return alike ? alike(track, reference) : Likeness{50, 50, kSameDecibels, 0};
  }

  std::vector<int> process_ids() const override { return alive ? std::vector<int>{1} : std::vector<int>{}; }

  // First segments of the ranges that were given out.
  std::vector<std::int64_t> ranges() const {
    const std::lock_guard lock(mutex_);
    return ranges_;
  }
  // What each of them said that the renditions lacked.
  std::vector<std::vector<std::int64_t>> lacking() const {
    const std::lock_guard lock(mutex_);
    return lacking_;
  }
  // Where each of them was to decode, filter and encode: "ggc" is on a device, on a device, on the CPU.
  // Of sources that end so alone.
  std::vector<std::string> places(const std::string& of = "") const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> list;
    for (const auto& [url, places] : places_)
      if (url.ends_with(of)) list.push_back(places);
    return list;
  }
  // With how many threads each of them, and each output, was to decode.
  std::vector<int> decoder_threads() const {
    const std::lock_guard lock(mutex_);
    return decoder_threads_;
  }
  std::vector<int> output_threads() const {
    const std::lock_guard lock(mutex_);
    return output_threads_;
  }
  // Tracks of outputs and subtitles, in the order in which their tasks were given out.
  std::vector<std::string> made() const {
    const std::lock_guard lock(mutex_);
    return made_;
  }
  // The segments that the last task of an output was told of.
  std::map<std::string, std::int64_t> joined(const std::string& track) const {
    const std::lock_guard lock(mutex_);
    const auto found = joined_.find(track);
    return found == joined_.end() ? std::map<std::string, std::int64_t>() : found->second;
  }
  std::atomic<bool> damage_accepted{false};
  std::atomic<int> sounds{0};
  std::atomic<int> inspections{0};
  std::atomic<bool> alive{true};

 private:
  std::vector<std::string> tell_lost(const std::string& track, TaskObserver& observer) const {
    const std::vector<std::string> lost = losses ? losses(track) : std::vector<std::string>();
    for (const std::string& each : lost) observer.lost(each);
    return lost;
  }
  static TaskEnd ended(std::int64_t end_segment, double cpu_seconds, const std::vector<std::string>& lost) {
    TaskEnd end;
    end.end_segment = end_segment;
    end.end_of_source = true;
    end.media_seconds = 12;
    end.cpu_seconds = cpu_seconds;
    end.lost = lost;
    end.peak_memory_bytes = 1 << 20;
    return end;
  }

  Status make(const std::filesystem::path& folder, const std::string& track, std::int64_t index,
              TaskObserver& observer, std::stop_token stop) {
    if (before)
      if (Status s = before(track, index, stop); !s.ok()) return s;
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped");
    if (!std::filesystem::exists(folder / track / "init.mp4"))
      if (Status s = write_file(folder / track / "init.mp4", "init"); !s.ok()) return s;
    FinishedSegment segment;
    segment.track = track;
    segment.index = index;
    segment.file = track + "/" + segment_file_name(index);
    segment.start = index * 360'000;
    segment.duration = 360'000;
    segment.frames = segment.frames_in = 100;
    segment.bytes = 7;
    segment.opens_with_idr = true;
    if (Status s = write_file(folder / segment.file, "segment"); !s.ok()) return s;
    return observer.segment_finished(segment);
  }

  mutable std::mutex mutex_;
  std::vector<std::int64_t> ranges_;
  std::vector<std::vector<std::int64_t>> lacking_;
  std::vector<int> decoder_threads_;
  std::vector<std::pair<std::string, std::string>> places_;  // of which source
  std::vector<int> output_threads_;
  std::vector<std::string> made_;
  std::map<std::string, std::map<std::string, std::int64_t>> joined_;
};

}  // namespace millrace::engine
