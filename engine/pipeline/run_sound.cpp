// run_sound: one sound track from decoder to segments, on one thread.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/leftovers.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/run_task.h"
#include "engine/pipeline/segment_writer.h"
#include "engine/pipeline/segmenter.h"
#include "engine/pipeline/sound_feed.h"
#include "engine/pipeline/task_meter.h"

namespace millrace::engine {
namespace {

constexpr double kSecondsPerProgress = 1;

// Passes segments on, says of them whether the sound was ended there, and remembers where they end.
class LastSegment final : public TaskObserver {
 public:
  // `cut_at`: as FinishedSegment has it, of the sound so far.
  LastSegment(TaskObserver& observer, std::function<std::int64_t()> cut_at)
      : observer_(observer), cut_at_(std::move(cut_at)) {}
  Status segment_finished(const FinishedSegment& segment) override {
    end_segment_ = segment.index + 1;
    FinishedSegment told = segment;
    told.sound_cut_at = cut_at_();
    return observer_.segment_finished(told);
  }
  void progress(const TaskProgress& progress) override { observer_.progress(progress); }
  void lost(const std::string& sentence) override { observer_.lost(sentence); }
  std::int64_t end_segment() const { return end_segment_; }

 private:
  TaskObserver& observer_;
  const std::function<std::int64_t()> cut_at_;
  std::int64_t end_segment_ = 0;
};

class SoundRun {
 public:
  SoundRun(const SoundTask& task, TaskObserver& observer, std::stop_token stop)
      : task_(task),
        sound_(task.plan.sounds[task.sound]),
        observer_(observer, [this] { return feed_->is_cut() ? feed_->samples() : -1; }),
        stop_(std::move(stop)),
        damage_(task.plan.accept_damage, [this](const std::string& sentence) { observer_.lost(sentence); }),
        backend_(make_software_backend()) {}

  Result<TaskEnd> run() {
    Status status = wire();
    if (status.ok()) status = feed();
    if (!status.ok()) return status;
    if (feed_->samples() == 0)
      spdlog::warn("{}: it lies wholly before or after the picture and is left out", sound_.folder);
    tell_progress();
    TaskEnd end;
    end.end_segment = observer_.end_segment();
    end.end_of_source = true;
    end.media_seconds = static_cast<double>(feed_->samples()) / sound_.sample_rate;
    end.cpu_seconds = meter_.cpu_seconds();
    end.lost = damage_.sentences();
    end.peak_memory_bytes = TaskMeter::peak_memory_bytes();
    return end;
  }

 private:
  Status wire() {
    if (Status status = remove_leftovers(task_.output_folder / sound_.folder, 0, -1); !status.ok())
      return status;
    TrackFiles files;
    files.output_folder = task_.output_folder;
    files.folder = sound_.folder;
    files.timescale = sound_.sample_rate;
    files.language = sound_.language;
    files.frames_in = [this](const CodedSegment& segment) {
      return std::min(segment.end, feed_->samples()) - std::max<std::int64_t>(segment.start, 0);
    };
    writer_ = std::make_unique<SegmentWriter>(std::move(files), observer_);
    segmenter_ = std::make_unique<Segmenter>(
        SegmenterSettings{task_.plan.clock, sound_.sample_rate, Rational(), nullptr}, *writer_);
    auto encoder = backend_->make_sound_encoder(
        {sound_.channels, sound_.sample_rate, sound_.bits_per_second, sound_.codec}, *segmenter_);
    if (!encoder.ok()) return encoder.status().under(sound_.folder);
    encoder_ = std::move(*encoder);
    auto feed = SoundFeed::open({task_.plan, sound_, damage_}, *encoder_, stop_);
    if (!feed.ok()) return feed.status();
    feed_ = std::move(*feed);
    return {};
  }

  Status feed() {
    while (true) {
      const Result<bool> more = feed_->step();
      if (!more.ok()) return more.status();
      if (!*more) return {};
      if (feed_->seconds_read() >= told_seconds_ + kSecondsPerProgress) tell_progress();
    }
  }

  void tell_progress() {
    told_seconds_ = feed_->seconds_read();
    observer_.progress({told_seconds_, feed_->samples()});
  }

  const SoundTask& task_;
  const PlannedSound& sound_;
  LastSegment observer_;
  const std::stop_token stop_;
  TaskMeter meter_;
  DamageLog damage_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<SegmentWriter> writer_;
  std::unique_ptr<Segmenter> segmenter_;
  std::unique_ptr<Sink<FramePtr>> encoder_;
  std::unique_ptr<SoundFeed> feed_;
  double told_seconds_ = 0;
};

}  // namespace

Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop) {
  init_media_log();
  if (task.sound >= task.plan.sounds.size())
    return Status(Code::invalid_argument,
                  fmt::format("{}: the plan has no sound {}", task.plan.source.url, task.sound));
  return SoundRun(task, observer, std::move(stop)).run();
}

}  // namespace millrace::engine
