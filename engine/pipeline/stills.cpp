#include "engine/pipeline/stills.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/base/file.h"
#include "engine/pipeline/first_failure.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/serial_observer.h"
#include "engine/pipeline/sprites.h"
#include "engine/pipeline/still_road.h"
#include "engine/pipeline/task_meter.h"
#include "engine/pipeline/thumbnails.h"
#include "engine/plan/job_times.h"

namespace millrace::engine {
namespace {

constexpr int kMostRoads = 8;
constexpr std::int64_t kLeastStillsOfARoad = 4;
constexpr std::int64_t kMostStillsAtOnce = 16;
// A decoder holds about so many pictures, of two bytes a sample and a half.
constexpr std::int64_t kBytesPerPixel = 24 * 3;
constexpr std::int64_t kMostBytes = 800'000'000;

// Counts the stills on their way to the files.
class CountingWriter final : public StillWriter {
 public:
  CountingWriter(StillWriter& writer, TaskObserver& observer) : writer_(writer), observer_(observer) {}
  Status add(const Still& still, std::int64_t pts, FramePtr picture) override {
    if (Status status = writer_.add(still, pts, std::move(picture)); !status.ok()) return status;
    const std::lock_guard lock(mutex_);
    furthest_ = std::max(furthest_, still.time);
    observer_.progress({static_cast<double>(furthest_) / kTicksPerSecond, ++stills_});
    return {};
  }
  Status finish(std::int64_t end) override { return writer_.finish(end); }
  std::int64_t files() const override { return writer_.files(); }
  std::int64_t stills() const { return stills_; }

 private:
  StillWriter& writer_;
  TaskObserver& observer_;
  std::mutex mutex_;
  std::int64_t furthest_ = 0;
  std::int64_t stills_ = 0;
};

class StillsRun {
 public:
  StillsRun(const OutputTask& task, TaskObserver& observer, std::stop_token stop)
      : plan_(task.plan),
        output_(task.plan.outputs[task.output]),
        folder_(task.output_folder),
        observer_(observer),
        failure_(std::move(stop)),
        damage_(plan_.accept_damage),
        list_(output_.stills, media_seconds(plan_)) {}

  Result<TaskEnd> run() {
    if (Status status = make_folder(); !status.ok()) return status;
    const std::unique_ptr<StillWriter> files = make_writer();
    CountingWriter writer(*files, observer_);
    if (Status status = make_stills(writer); !status.ok()) return status;
    if (Status status = check_end(writer.stills()); !status.ok()) return status;
    const double seconds = media_seconds(plan_);
    const std::int64_t end = seconds > 0 ? std::llround(seconds * kTicksPerSecond)
                                         : furthest([](StillRoad& road) { return road.end(); });
    if (Status status = writer.finish(end); !status.ok()) return status;
    TaskEnd told;
    told.end_segment = files->files();
    told.end_of_source = true;
    told.media_seconds = static_cast<double>(end) / kTicksPerSecond;
    told.lost = damage_.sentences();
    told.cpu_seconds = meter_.cpu_seconds();
    told.peak_memory_bytes = TaskMeter::peak_memory_bytes();
    return told;
  }

 private:
  Status make_folder() const {
    const std::filesystem::path path = folder_ / output_.path;
    if (output_.type == PlannedOutput::Type::sprites) return make_directories(path.parent_path());
    // It starts over, and a folder of stills is nobody else's.
    if (Status status = remove_tree(path); !status.ok()) return status;
    return make_directories(path);
  }

  std::unique_ptr<StillWriter> make_writer() {
    if (output_.type == PlannedOutput::Type::sprites)
      return std::make_unique<Sprites>(output_, folder_, observer_);
    return std::make_unique<Thumbnails>(output_, folder_, observer_);
  }

  Status make_stills(StillWriter& writer) {
    const VideoTrack& video = *plan_.source.main_video();
    const int threads = std::max(output_.stills.threads, 1);
    const int roads = plan_.source.can_seek && list_.size() != StillList::kEndless
                          ? still_roads(threads, list_.size(), std::int64_t{video.width} * video.height)
                          : 1;
    StillWork work{plan_, output_, list_, writer, damage_};
    work.decoder_threads = std::max(threads / roads, 1);
    if (roads > 1)
      work.run_length = std::clamp<std::int64_t>(list_.size() / (roads * 2), 1, kMostStillsAtOnce);
    for (int i = 0; i < roads; ++i) roads_.push_back(std::make_unique<StillRoad>(work, failure_.token()));
    {
      std::vector<std::jthread> threads_of_roads;
      for (std::size_t i = 1; i < roads_.size(); ++i)
        threads_of_roads.emplace_back([&, i] { walk(*roads_[i]); });
      walk(*roads_[0]);
    }
    return failure_.status();
  }

  void walk(StillRoad& road) {
    if (Status status = road.run(); !status.ok()) failure_.report(status);
  }

  // Times past the end are mistakes of whoever asked, unless damage took the end away.
  Status check_end(std::int64_t made) {
    const std::int64_t end = furthest([](StillRoad& road) { return road.end(); });
    const Still* first = nullptr;
    std::vector<Still> past;
    for (const auto& road : roads_)
      if (const auto still = road->past_end()) past.push_back(*still);
    for (const Still& still : past)
      if (first == nullptr || still.index < first->index) first = &still;
    if (first == nullptr || (output_.stills.at.empty() && made > 0)) return {};
    const std::string sentence = fmt::format("{}: {:.3f} s is past the end of the source, at {:.3f} s",
                                             output_.path, static_cast<double>(first->time) / kTicksPerSecond,
                                             static_cast<double>(end) / kTicksPerSecond);
    if (!plan_.accept_damage || made == 0)
      return Status(Code::invalid_argument, sentence + "; ask for stills before it");
    damage_.add(sentence);
    return {};
  }

  template <class Value>
  std::int64_t furthest(Value value) {
    std::int64_t most = 0;
    for (const auto& road : roads_) most = std::max(most, value(*road));
    return most;
  }

  const Plan& plan_;
  const PlannedOutput& output_;
  const std::filesystem::path folder_;
  SerialObserver observer_;
  FirstFailure failure_;
  DamageLog damage_;
  StillList list_;
  TaskMeter meter_;
  std::vector<std::unique_ptr<StillRoad>> roads_;
};

}  // namespace

Result<TaskEnd> run_stills(const OutputTask& task, TaskObserver& observer, std::stop_token stop) {
  init_media_log();
  const Plan& plan = task.plan;
  if (plan.source.main_video() == nullptr)
    return Status(Code::unsupported, plan.source.url + ": it has no picture to take stills of");
  if (task.output >= plan.outputs.size() || plan.outputs[task.output].stills.width <= 0 ||
      plan.outputs[task.output].stills.height <= 0)
    return Status(Code::invalid_argument,
                  fmt::format("{}: the plan's output {} has no stills", plan.source.url, task.output));
  return StillsRun(task, observer, std::move(stop)).run();
}

int still_roads(int threads, std::int64_t stills, std::int64_t pixels_per_picture) {
  const std::int64_t fit = kMostBytes / std::max<std::int64_t>(pixels_per_picture * kBytesPerPixel, 1);
  const std::int64_t busy = stills / kLeastStillsOfARoad;
  return static_cast<int>(std::clamp<std::int64_t>(
      std::min({std::int64_t{threads}, std::int64_t{kMostRoads}, fit, busy}), 1, kMostRoads));
}

}  // namespace millrace::engine
