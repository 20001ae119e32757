// FakeWorkers: a WorkerPool whose tasks make small files instead of media, and die, fail or wait where the
// test says so.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/file.h"
#include "engine/work/worker_pool.h"

namespace millrace::engine {

// 12 s of 640x360 at 25 frames/s with stereo sound: three segments of 4 s.
inline Source small_source(const std::string& url) {
  Source source;
  source.url = url;
  source.container = "mov,mp4,m4a,3gp,3g2,mj2";
  source.size_bytes = 1'000'000;
  source.duration_seconds = 12;
  source.can_seek = true;
  VideoTrack video;
  video.index = 0;
  video.codec = "h264";
  video.width = 1280;
  video.height = 720;
  video.pixel_format = "yuv420p";
  video.frame_rate = {25, 1};
  video.duration_seconds = 12;
  video.frame_count = 300;
  source.video = {video};
  AudioTrack audio;
  audio.index = 1;
  audio.codec = "aac";
  audio.channels = 2;
  audio.channel_layout = "stereo";
  audio.sample_rate = 48'000;
  audio.duration_seconds = 12;
  source.audio = {audio};
  source.chosen_video = 0;
  source.chosen_audio = 0;
  return source;
}

class FakeWorkers final : public WorkerPool {
 public:
  std::int64_t segments = 3;  // of the source
  // Before a segment of a track is made: a failure ends the task with it, before the file.
  std::function<Status(const std::string& track, std::int64_t index, std::stop_token stop)> before;
  std::function<void(Source&)> see;  // what inspect sees instead
  int deaths_at_inspection = 0;      // so many workers die of the look at the source

  Result<Source> inspect(const std::string& url, std::stop_token stop) override {
    if (++inspections <= deaths_at_inspection)
      return Status(Code::device_lost, "worker 7 died of signal 9 (Killed)");
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
    }
    const std::int64_t end = task.end_segment < 0 ? segments : std::min(segments, task.end_segment);
    for (std::int64_t index = task.first_segment; index < end; ++index) {
      for (std::size_t i = 0; i < task.plan.renditions.size(); ++i)
        if (task.lacking_from.empty() || index >= task.lacking_from[i])
          if (Status s = make(task.output_folder, task.plan.renditions[i].folder, index, observer, stop);
              !s.ok())
            return s;
      observer.progress({static_cast<double>(4 * (index + 1 - task.first_segment)), 100 * (index + 1)});
    }
    return TaskEnd{end, end == segments, 12, 1.5, 1 << 20};
  }

  Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop) override {
    ++sounds;
    for (std::int64_t index = 0; index < segments; ++index) {
      const std::string& track = task.plan.sounds[task.sound].folder;
      if (Status s = make(task.output_folder, track, index, observer, stop); !s.ok()) return s;
      observer.progress({static_cast<double>(4 * (index + 1)), 0});
    }
    return TaskEnd{segments, true, 12, 0.5, 2 << 20};
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
  std::atomic<int> sounds{0};
  std::atomic<int> inspections{0};
  std::atomic<bool> alive{true};

 private:
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
};

}  // namespace millrace::engine
