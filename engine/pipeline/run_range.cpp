// run_range: wires the stages of a range task back to front, then reads the source through them.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/backend/backend_set.h"
#include "engine/base/work_count.h"
#include "engine/pipeline/burn_stage.h"
#include "engine/pipeline/fan_out.h"
#include "engine/pipeline/first_failure.h"
#include "engine/pipeline/leftovers.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/overlay.h"
#include "engine/pipeline/picture_feed.h"
#include "engine/pipeline/range_gate.h"
#include "engine/pipeline/real_time_pace.h"
#include "engine/pipeline/rendition_chain.h"
#include "engine/pipeline/run_task.h"
#include "engine/pipeline/serial_observer.h"
#include "engine/pipeline/task_meter.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kFramesPerProgress = 25;

class RangeRun {
 public:
  RangeRun(const OpenBackend& backend, const RangeTask& task, TaskObserver& observer, std::stop_token stop)
      : backend_(backend),
        task_(task),
        observer_(observer),
        enough_(observer.enough()),
        failure_(std::move(stop)),
        damage_(task.plan.accept_damage, [this](const std::string& sentence) { observer_.lost(sentence); }),
        fan_out_(failure_, queued_frames(task.plan)) {}

  Result<TaskEnd> run() {
    Status status = wire();
    if (status.ok()) status = feed();
    if (!status.ok()) {
      failure_.report(status);
      return failure_.status();
    }
    tell_progress();
    TaskEnd end;
    end.end_segment = gate_->end_segment();
    end.end_of_source = gate_->at_end_of_media();
    end.media_seconds = media_seconds(tally_.range_end());
    end.lost = damage_.sentences();
    end.cpu_seconds = meter_.cpu_seconds();
    end.peak_memory_bytes = TaskMeter::peak_memory_bytes();
    return end;
  }

 private:
  static std::size_t queued_frames(const Plan& plan) {
    if (plan.filter_device != kCpu) return kQueuedOnDevice;
    const VideoTrack& video = *plan.source.main_video();
    const bool ten_bit = std::any_of(plan.renditions.begin(), plan.renditions.end(),
                                     [](const PlannedRendition& each) { return each.ten_bit; });
    return FanOut::queued_frames_for(video.width, video.height, ten_bit ? 2 : 1);
  }

  Status wire() {
    auto backends = BackendSet::open(task_.plan, backend_);
    if (!backends.ok()) return backends.status();
    backends_ = std::move(*backends);
    Backend& filters = backends_->of(task_.plan.filter_device);
    auto overlays = load_overlays(task_.plan);
    if (!overlays.ok()) return overlays.status();
    overlays_ = std::move(*overlays);
    Sink<FramePtr>* next = &fan_out_;
    if (Status s = put_before(next, filters.make_ladder(task_.plan, overlays_, *next), ladder_); !s.ok())
      return s;
    burn_.emplace(*next);
    gate_.emplace(task_.plan.clock, task_.first_segment, task_.end_segment, end_ticks_of(task_.plan), tally_,
                  *burn_);
    for (std::size_t i = 0; i < task_.plan.renditions.size(); ++i) {
      const PlannedRendition& rendition = task_.plan.renditions[i];
      const std::int64_t first = task_.lacking_from.empty() ? task_.first_segment : task_.lacking_from[i];
      if (task_.end_segment >= 0 && first >= task_.end_segment) continue;
      if (Status status = remove_leftovers(task_.output_folder / rendition.folder, first, task_.end_segment);
          !status.ok())
        return status;
      auto chain = RenditionChain::make(task_.plan, rendition, first, task_.output_folder, *backends_,
                                        overlays_, tally_, observer_);
      if (!chain.ok()) return chain.status();
      if (Status status = burn_->add(task_.plan, rendition.burn, start_ticks(), damage_, failure_.token());
          !status.ok())
        return status;
      fan_out_.add((*chain)->entry());
      chains_.push_back(std::move(*chain));
    }
    auto feed = PictureFeed::open(task_.plan, start_ticks(), backends_->of(task_.plan.decode_device), filters,
                                  tally_, damage_, *gate_, failure_.token());
    if (!feed.ok()) return feed.status();
    feed_ = std::move(*feed);
    return {};
  }

  Status feed() {
    const RealTimePace pace(std::chrono::steady_clock::now(), start_ticks());
    while (!gate_->past_end()) {
      if (failure_.token().stop_requested()) return failure_.status();
      if (enough_.stop_requested()) gate_->end_at_edge(first_edge());
      if (task_.plan.real_time && has_waited(pace)) continue;
      const auto more = feed_->step();
      if (!more.ok() || !*more) return more.status();
      if (gate_->frames() >= told_frames_ + kFramesPerProgress) tell_progress();
    }
    return gate_->finish();
  }

  // For the time of the next picture, or a part of it.
  bool has_waited(const RealTimePace& pace) {
    const auto time = pace.wait(gate_->last_pts(), std::chrono::steady_clock::now());
    if (time.count() == 0) return false;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any nobody;
    nobody.wait_for(lock, failure_.token(), time, [] { return false; });
    note_work();  // time is what it waits for: it is not stuck
    return true;
  }

  // Every rendition that is made has a segment by then.
  std::int64_t first_edge() const {
    const auto& lacking = task_.lacking_from;
    return 1 + (lacking.empty() ? task_.first_segment : *std::max_element(lacking.begin(), lacking.end()));
  }

  void tell_progress() {
    told_frames_ = gate_->frames();
    observer_.progress({media_seconds(gate_->last_pts()), told_frames_});
  }

  std::int64_t start_ticks() const { return task_.plan.clock.start_of(task_.first_segment); }
  double media_seconds(std::int64_t end_ticks) const {
    return static_cast<double>(std::max<std::int64_t>(end_ticks - start_ticks(), 0)) / kTicksPerSecond;
  }

  const OpenBackend& backend_;
  const RangeTask& task_;
  SerialObserver observer_;
  const std::stop_token enough_;
  TaskMeter meter_;
  FirstFailure failure_;
  DamageLog damage_;
  SegmentTally tally_;
  std::unique_ptr<BackendSet> backends_;  // outlives every stage
  OverlaySet overlays_;
  std::unique_ptr<Sink<FramePtr>> ladder_;  // before the chains: what they hold of it goes first
  std::vector<std::unique_ptr<RenditionChain>> chains_;
  FanOut fan_out_;  // after the chains: its threads end before these go
  std::optional<BurnStage> burn_;
  std::optional<RangeGate> gate_;
  std::unique_ptr<PictureFeed> feed_;
  std::int64_t told_frames_ = 0;
};

}  // namespace

Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop) {
  return run_range_on(open_backend, task, observer, std::move(stop));
}

Result<TaskEnd> run_range_on(const OpenBackend& backend, const RangeTask& task, TaskObserver& observer,
                             std::stop_token stop) {
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
  return RangeRun(backend, task, observer, std::move(stop)).run();
}

}  // namespace millrace::engine
