// run_range: wires the stages of a range task back to front, then reads the source through them.
#include <algorithm>
#include <memory>
#include <vector>

#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/fan_out.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/first_failure.h"
#include "engine/pipeline/frame_clock.h"
#include "engine/pipeline/leftovers.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/open_track.h"
#include "engine/pipeline/range_gate.h"
#include "engine/pipeline/rendition_chain.h"
#include "engine/pipeline/run_task.h"
#include "engine/pipeline/serial_observer.h"
#include "engine/pipeline/task_meter.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

constexpr std::int64_t kFramesPerProgress = 25;
// Of a deinterlacer, which looks at the frames before.
constexpr std::int64_t kDeinterlacerHistory = kTicksPerSecond;

class RangeRun {
 public:
  RangeRun(const RangeTask& task, TaskObserver& observer, std::stop_token stop)
      : task_(task),
        video_(*task.plan.source.main_video()),
        observer_(observer),
        failure_(std::move(stop)),
        backend_(make_software_backend()),
        fan_out_(failure_, FanOut::queued_frames_for(video_.width, video_.height)),
        gate_(task.plan.clock, task.first_segment, task.end_segment, tally_, fan_out_) {}

  Result<TaskEnd> run() {
    Status status = wire();
    if (status.ok()) status = feed();
    if (!status.ok()) {
      failure_.report(status);
      return failure_.status();
    }
    tell_progress();
    TaskEnd end;
    end.end_segment = gate_.end_segment();
    end.end_of_source = !gate_.past_end();
    end.media_seconds = media_seconds(tally_.range_end());
    end.cpu_seconds = meter_.cpu_seconds();
    end.peak_memory_bytes = TaskMeter::peak_memory_bytes();
    return end;
  }

 private:
  Status wire() {
    for (std::size_t i = 0; i < task_.plan.renditions.size(); ++i) {
      const PlannedRendition& rendition = task_.plan.renditions[i];
      const std::int64_t first = task_.lacking_from.empty() ? task_.first_segment : task_.lacking_from[i];
      if (task_.end_segment >= 0 && first >= task_.end_segment) continue;
      if (Status status = remove_leftovers(task_.output_folder / rendition.folder, first, task_.end_segment);
          !status.ok())
        return status;
      auto chain = RenditionChain::make(task_.plan, rendition, first, task_.output_folder, *backend_, tally_,
                                        observer_);
      if (!chain.ok()) return chain.status();
      fan_out_.add((*chain)->entry());
      chains_.push_back(std::move(*chain));
    }
    auto input = open_track(task_.plan.source, video_.index, AVMEDIA_TYPE_VIDEO, failure_.token());
    if (!input.ok()) return input.status();
    input_ = std::move(*input);

    Sink<FramePtr>* entry = &gate_;
    if (const std::string filter = task_.plan.normalise_filter(); !filter.empty()) {
      FilterStage::Settings settings;
      settings.chain = filter;
      settings.frame_rate = video_.frame_rate.known() ? to_av(video_.frame_rate) : AVRational{0, 1};
      settings.threads = task_.plan.decoder_threads;
      normalise_ = std::make_unique<FilterStage>(std::move(settings), gate_);
      entry = normalise_.get();
    }
    const AVStream& stream = input_->chosen();
    clock_ = std::make_unique<FrameClock>(FrameTiming{stream.time_base, video_.first_pts, video_.frame_rate,
                                                      !video_.variable_frame_rate, input_->has_timestamps()},
                                          tally_, *entry);
    DecoderSettings settings;
    settings.parameters = stream.codecpar;
    settings.time_base = stream.time_base;
    settings.threads = task_.plan.decoder_threads;
    settings.path = input_->path();
    settings.origin_pts = video_.first_pts;
    if (task_.first_segment > 0) settings.strict_from_pts = source_pts(start_ticks());
    auto decoder = backend_->make_decoder(settings, *clock_);
    if (!decoder.ok()) return decoder.status();
    decoder_ = std::move(*decoder);
    if (task_.first_segment == 0 || !task_.plan.source.can_seek || !input_->can_seek()) return {};
    return input_->seek(source_pts(start_ticks() - (video_.interlaced ? kDeinterlacerHistory : 0)));
  }

  Status feed() {
    while (!gate_.past_end()) {
      if (failure_.token().stop_requested()) return failure_.status();
      auto packet = input_->read();
      if (!packet.ok()) return packet.status();
      if (!*packet) return decoder_->finish();
      if (Status status = decoder_->push(std::move(*packet)); !status.ok()) return status;
      if (gate_.frames() >= told_frames_ + kFramesPerProgress) tell_progress();
    }
    return gate_.finish();
  }

  void tell_progress() {
    told_frames_ = gate_.frames();
    observer_.progress({media_seconds(gate_.last_pts()), told_frames_});
  }

  std::int64_t start_ticks() const { return task_.plan.clock.start_of(task_.first_segment); }
  std::int64_t source_pts(std::int64_t ticks) const {
    return video_.first_pts + av_rescale_q_rnd(ticks, kTicks, input_->chosen().time_base, AV_ROUND_DOWN);
  }
  double media_seconds(std::int64_t end_ticks) const {
    return static_cast<double>(std::max<std::int64_t>(end_ticks - start_ticks(), 0)) / kTicksPerSecond;
  }

  const RangeTask& task_;
  const VideoTrack& video_;
  SerialObserver observer_;
  TaskMeter meter_;
  FirstFailure failure_;
  SegmentTally tally_;
  std::unique_ptr<Backend> backend_;
  std::vector<std::unique_ptr<RenditionChain>> chains_;
  FanOut fan_out_;  // after the chains: its threads end before these go
  RangeGate gate_;
  std::unique_ptr<FilterStage> normalise_;
  std::unique_ptr<FrameClock> clock_;
  std::unique_ptr<MediaInput> input_;
  std::unique_ptr<Sink<PacketPtr>> decoder_;
  std::int64_t told_frames_ = 0;
};

}  // namespace

Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop) {
  init_media_log();
  if (task.plan.source.main_video() == nullptr)
    return Status(Code::invalid_argument, task.plan.source.url + ": it has no picture to transcode");
  if (task.plan.renditions.empty())
    return Status(Code::invalid_argument, task.plan.source.url + ": the plan has no rendition");
  const auto& lacking = task.lacking_from;
  if (!lacking.empty() && (lacking.size() != task.plan.renditions.size() ||
                           *std::min_element(lacking.begin(), lacking.end()) < task.first_segment))
    return Status(
        Code::invalid_argument,
        task.plan.source.url + ": a range task says of other renditions than the plan's what they lack");
  return RangeRun(task, observer, std::move(stop)).run();
}

}  // namespace millrace::engine
