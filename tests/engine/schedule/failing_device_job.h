// FailingDeviceJob: a whole job by the real pipeline, packaging and receipt, whose device gives up in the
// middle of its renditions when it is told to.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/file.h"
#include "engine/job/job_spec_json.h"
#include "engine/pipeline/inspect.h"
#include "engine/schedule/job_runner.h"
#include "engine/schedule/memory_ledger.h"
#include "engine/verify/likeness.h"
#include "tests/engine/backend/fake_device.h"
#include "tests/support/media_sample.h"

namespace millrace::engine {

// The pipeline itself in the place of worker processes, on FakeDevice.
class PipelineWorkers final : public WorkerPool {
 public:
  explicit PipelineWorkers(OpenBackend backend) : backend_(std::move(backend)) {}
  Result<Source> inspect(const std::string& url, bool accept_damage, std::stop_token stop) override {
    return engine::inspect(url, std::move(stop), accept_damage);
  }
  Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop) override {
    return run_range_on(backend_, task, observer, std::move(stop));
  }
  Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop) override {
    return engine::run_sound(task, observer, std::move(stop));
  }
  Result<TaskEnd> run_output(const OutputTask& task, TaskObserver& observer, std::stop_token stop) override {
    return engine::run_output(task, observer, std::move(stop));
  }
  Result<TaskEnd> run_film(const FilmTask& task, std::stop_token stop) override {
    return engine::run_film(task, std::move(stop));
  }
  Result<Likeness> compare(const std::filesystem::path& track, const std::filesystem::path& reference,
                           std::stop_token stop) override {
    return compare_pictures(track, reference, stop);
  }
  std::vector<int> process_ids() const override { return {1}; }

 private:
  const OpenBackend backend_;
};

// A ledger that a killed daemon leaves behind: from some segment of a track on nothing is booked.
class CutLedger final : public MemoryLedger {
 public:
  void cut_at(const std::string& track, std::int64_t segment) {
    const std::lock_guard lock(mutex_);
    cut_ = {{track, segment}};
  }
  void mend() {
    const std::lock_guard lock(mutex_);
    cut_.reset();
  }

  Status commit(const FinishedSegment& segment) override {
    const std::lock_guard lock(mutex_);
    if (cut_ && segment.track == cut_->first && segment.index >= cut_->second)
      return {Code::internal, "the daemon was killed here"};
    if (Status status = MemoryLedger::commit(segment); !status.ok()) return status;
    ++booked_[segment.track];
    changed_.notify_all();
    return {};
  }

  // Returns when each track has at least so many segments.
  void wait_for(const std::map<std::string, std::int64_t>& segments) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return std::all_of(segments.begin(), segments.end(),
                         [this](const auto& each) { return booked_[each.first] >= each.second; });
    });
  }

 private:
  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::optional<std::pair<std::string, std::int64_t>> cut_;
  std::map<std::string, std::int64_t> booked_;
};

class FailingDeviceJob {
 public:
  // Its source, of these pictures and sound, is made in `folder`, which must exist; the outputs lie in `out`
  // there.
  FailingDeviceJob(const std::filesystem::path& folder, const test::SampleVideo& video)
      : source_(folder / "in.mp4"), out_(folder / "out") {
    test::SampleSound sound;
    sound.seconds = video.frames / static_cast<double>(video.rate);
    test::make_sample(source_, video, sound);
    hw::GpuFacts gpu;
    gpu.vendor = "intel";
    gpu.name = "Fake GPU";
    gpu.id = "fake";
    gpu.node = std::string(test::kFakeDevice).substr(6);
    for (const char* codec : {"h264", "hevc"}) {
      hw::EncodeForm form;
      form.form.codec = codec;
      form.form.max_width = form.form.max_height = 4096;
      gpu.encodes.push_back(form);
    }
    machine_.gpus = {gpu};
    devices_.backends.vaapi = true;
    devices_.backends.vaapi_encodes = {VideoCodec::h264, VideoCodec::hevc};
  }

  // The device gives up amidst these segments of these renditions, when all before them are booked.
  void fails_at(std::map<std::string, std::int64_t> segments) { fails_at_ = std::move(segments); }
  void works() { fails_at_.clear(); }

  // The receipt. `outputs`: of a spec, as JSON, with bit rates that tell an adaptive set's renditions apart.
  Result<nlohmann::ordered_json> run(const std::string& outputs, std::vector<Retry> steps_down = {}) {
    const auto spec = parse_job_spec(R"({"input": {"url": ")" + source_.native() +
                                     R"("}, "device": "vaapi", "outputs": )" + outputs + "}");
    if (!spec.ok()) return spec.status();
    if (Status status = make_directories(out_); !status.ok()) return status;
    PipelineWorkers workers(
        test::with_fake_device([this](const VideoEncoderSettings& settings, std::int64_t pts) -> Status {
          ++pictures_on_device_;
          const auto segment = fails_at_.find(track_of(settings.bits_per_second));
          if (segment == fails_at_.end() || 2 * pts < (2 * segment->second + 1) * 90'000) return {};
          ledger.wait_for(fails_at_);
          return test::no_sessions_left();
        }));
    const JobRun job{*spec, out_, 2, observer_.plan, false, std::move(steps_down)};
    RunParts parts{workers, machine_, ledger, observer_, publisher_, std::chrono::milliseconds(0)};
    parts.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
    parts.devices = devices_;
    return JobRunner(job, parts).run({});
  }

  const std::filesystem::path& out() const { return out_; }
  const std::vector<Retry>& retries() const { return observer_.retries; }
  // Pictures that came to the device's encoders since this was asked last.
  int take_pictures_on_device() { return pictures_on_device_.exchange(0); }
  // By index.
  std::vector<FinishedSegment> segments_of(const std::string& track) {
    std::vector<FinishedSegment> run;
    const auto segments = ledger.segments();
    for (const FinishedSegment& each : *segments)
      if (each.track == track) run.push_back(each);
    std::sort(run.begin(), run.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
    return run;
  }

  CutLedger ledger;

 private:
  class Keeper final : public JobObserver {
   public:
    Status planned(const Plan& made) override {
      plan = made;
      return {};
    }
    void progress(const Progress&) override {}
    void retrying(const Retry& retry) override { retries.push_back(retry); }
    std::optional<Plan> plan;
    std::vector<Retry> retries;
  };

  // The first rendition of the plan with this bit rate: an encoder is not told whose it is.
  std::string track_of(std::int64_t bits_per_second) const {
    const auto& renditions = observer_.plan->renditions;
    const auto found = std::find_if(renditions.begin(), renditions.end(), [&](const PlannedRendition& each) {
      return each.bits_per_second == bits_per_second;
    });
    return found == renditions.end() ? "" : found->folder;
  }

  const std::filesystem::path source_;
  const std::filesystem::path out_;
  hw::Inventory machine_;
  DeviceChoices devices_;
  std::map<std::string, std::int64_t> fails_at_;
  std::atomic<int> pictures_on_device_{0};
  Keeper observer_;
  const Publisher publisher_;
};

}  // namespace millrace::engine
