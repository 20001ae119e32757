// run_sound: one sound track from decoder to AAC segments, on one thread.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/leftovers.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/open_track.h"
#include "engine/pipeline/run_task.h"
#include "engine/pipeline/segment_writer.h"
#include "engine/pipeline/segmenter.h"
#include "engine/pipeline/sound_clock.h"
#include "engine/pipeline/sound_trim.h"
#include "engine/pipeline/task_meter.h"

namespace millrace::engine {
namespace {

// aresample fills gaps with silence and trims overlaps (async), at the start too (first_pts), and mixes 5.1
// down as ITU-R BS.775 has it.
std::string sound_chain(const PlannedSound& sound) {
  return fmt::format(
      "aresample={}:async=1:first_pts=0,aformat=sample_fmts=fltp:sample_rates={}:channel_layouts={}c,"
      "asetnsamples=n=1024:p=0",
      sound.sample_rate, sound.sample_rate, sound.channels);
}

// Passes segments on and remembers where they end.
class LastSegment final : public TaskObserver {
 public:
  explicit LastSegment(TaskObserver& observer) : observer_(observer) {}
  Status segment_finished(const FinishedSegment& segment) override {
    end_segment_ = segment.index + 1;
    return observer_.segment_finished(segment);
  }
  void progress(const TaskProgress& progress) override { observer_.progress(progress); }
  std::int64_t end_segment() const { return end_segment_; }

 private:
  TaskObserver& observer_;
  std::int64_t end_segment_ = 0;
};

class SoundRun {
 public:
  SoundRun(const SoundTask& task, TaskObserver& observer, std::stop_token stop)
      : task_(task),
        sound_(task.plan.sounds[task.sound]),
        track_(task.plan.source.audio[static_cast<std::size_t>(sound_.source_track)]),
        observer_(observer),
        stop_(std::move(stop)),
        backend_(make_software_backend()) {}

  Result<TaskEnd> run() {
    Status status = wire();
    if (status.ok()) status = feed();
    if (!status.ok()) return status;
    if (trim_->samples() == 0)
      return Status(Code::unsupported,
                    fmt::format("{}: its sound lies wholly before or after its picture", input_->path()));
    tell_progress();
    TaskEnd end;
    end.end_segment = observer_.end_segment();
    end.end_of_source = true;
    end.media_seconds = media_seconds();
    end.cpu_seconds = meter_.cpu_seconds();
    end.peak_memory_bytes = TaskMeter::peak_memory_bytes();
    return end;
  }

 private:
  // Where the picture ends, in samples; the whole sound when the source does not say.
  std::int64_t end_sample() const {
    const VideoTrack* video = task_.plan.source.main_video();
    if (video == nullptr || video->duration_seconds <= 0) return SoundTrim::kWhole;
    return std::max<std::int64_t>(std::llround(video->duration_seconds * sound_.sample_rate), 1);
  }

  Status wire() {
    if (Status status = remove_leftovers(task_.output_folder / sound_.folder, 0, -1); !status.ok())
      return status;
    auto input = open_track(task_.plan.source, track_.index, AVMEDIA_TYPE_AUDIO, stop_);
    if (!input.ok()) return input.status();
    input_ = std::move(*input);

    TrackFiles files;
    files.output_folder = task_.output_folder;
    files.folder = sound_.folder;
    files.timescale = sound_.sample_rate;
    files.language = sound_.language;
    files.frames_in = [this](const CodedSegment& segment) {
      return std::min(segment.end, trim_->samples()) - std::max<std::int64_t>(segment.start, 0);
    };
    writer_ = std::make_unique<SegmentWriter>(std::move(files), observer_);
    segmenter_ = std::make_unique<Segmenter>(
        SegmenterSettings{task_.plan.clock, sound_.sample_rate, Rational(), nullptr}, *writer_);
    auto encoder = backend_->make_sound_encoder({sound_.channels, sound_.sample_rate, sound_.bits_per_second},
                                                *segmenter_);
    if (!encoder.ok()) return encoder.status().under(sound_.folder);
    encoder_ = std::move(*encoder);
    trim_ = std::make_unique<SoundTrim>(end_sample(), *encoder_);

    const AVStream& stream = input_->chosen();
    FilterStage::Settings filter;
    filter.chain = sound_chain(sound_);
    filter.time_base = {1, track_.sample_rate};
    filter.out_time_base = {1, sound_.sample_rate};
    filter_ = std::make_unique<FilterStage>(std::move(filter), *trim_);
    const VideoTrack* video = task_.plan.source.main_video();
    const std::int64_t zero = video != nullptr ? video->first_pts : track_.first_pts;
    const AVRational zero_base = video != nullptr ? to_av(video->time_base) : stream.time_base;
    clock_ = std::make_unique<SoundClock>(stream.time_base, zero, zero_base, track_.sample_rate, *filter_);

    DecoderSettings settings;
    settings.parameters = stream.codecpar;
    settings.time_base = stream.time_base;
    settings.path = input_->path();
    settings.origin_pts = av_rescale_q(zero, zero_base, stream.time_base);
    auto decoder = backend_->make_decoder(settings, *clock_);
    if (!decoder.ok()) return decoder.status();
    decoder_ = std::move(*decoder);
    return {};
  }

  Status feed() {
    while (!trim_->done()) {
      auto packet = input_->read();
      if (!packet.ok()) return packet.status();
      if (!*packet) return decoder_->finish();
      if (Status status = decoder_->push(std::move(*packet)); !status.ok()) return status;
      if (trim_->samples() >= told_samples_ + sound_.sample_rate) tell_progress();
    }
    return trim_->finish();
  }

  double media_seconds() const { return static_cast<double>(trim_->samples()) / sound_.sample_rate; }
  void tell_progress() {
    told_samples_ = trim_->samples();
    observer_.progress({media_seconds(), told_samples_});
  }

  const SoundTask& task_;
  const PlannedSound& sound_;
  const AudioTrack& track_;
  LastSegment observer_;
  const std::stop_token stop_;
  TaskMeter meter_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<SegmentWriter> writer_;
  std::unique_ptr<Segmenter> segmenter_;
  std::unique_ptr<Sink<FramePtr>> encoder_;
  std::unique_ptr<SoundTrim> trim_;
  std::unique_ptr<FilterStage> filter_;
  std::unique_ptr<SoundClock> clock_;
  std::unique_ptr<MediaInput> input_;
  std::unique_ptr<Sink<PacketPtr>> decoder_;
  std::int64_t told_samples_ = 0;
};

}  // namespace

Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop) {
  init_media_log();
  const Plan& plan = task.plan;
  if (task.sound >= plan.sounds.size() || plan.sounds[task.sound].source_track < 0 ||
      static_cast<std::size_t>(plan.sounds[task.sound].source_track) >= plan.source.audio.size())
    return Status(Code::invalid_argument,
                  fmt::format("{}: the plan has no sound {}", plan.source.url, task.sound));
  return SoundRun(task, observer, std::move(stop)).run();
}

}  // namespace millrace::engine
