// Whole jobs that lose their device in the middle of a rendition, by the real pipeline, packaging and
// receipt: what players find in the end, and what of it was made once.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "engine/base/file.h"
#include "engine/job/job_spec_json.h"
#include "engine/pipeline/inspect.h"
#include "engine/schedule/job_runner.h"
#include "engine/schedule/memory_ledger.h"
#include "engine/verify/receipt.h"
#include "tests/engine/backend/fake_device.h"
#include "tests/support/media_sample.h"
#include "tests/support/played_file.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr int kFrames = 150;  // six segments
constexpr const char* kSpec = R"({"input": {"url": "$/in.mp4"}, "device": "vaapi", "outputs": [
  {"name": "abr", "type": "adaptive", "segment_seconds": 1, "package": ["hls", "dash"], "preset": "veryfast",
   "ladder": [{"height": 128, "bitrate": "300k"}, {"height": 96, "bitrate": "200k"}]},
  {"name": "web", "type": "file", "video": {"height": 128, "bitrate": "300k", "preset": "veryfast"}},
  {"name": "stream", "type": "file", "container": "ts", "video": {"height": 128, "bitrate": "300k",
   "preset": "veryfast"}}]})";

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
  Result<Likeness> compare(const fs::path& track, const fs::path& reference, std::stop_token stop) override {
    return compare_pictures(track, reference, stop);
  }
  std::vector<int> process_ids() const override { return {1}; }

 private:
  const OpenBackend backend_;
};

// A ledger that a killed daemon leaves behind: from some segment of the larger pictures on nothing is booked.
class CutLedger final : public MemoryLedger {
 public:
  std::atomic<std::int64_t> cut_at{INT64_MAX};

  Status commit(const FinishedSegment& segment) override {
    if (segment.track == "abr/128p" && segment.index >= cut_at)
      return {Code::internal, "the daemon was killed here"};
    if (Status status = MemoryLedger::commit(segment); !status.ok()) return status;
    const std::lock_guard lock(mutex_);
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
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::int64_t> booked_;
};

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

class StepDownJobTest : public testing::Test {
 protected:
  StepDownJobTest() {
    test::SampleVideo video;
    video.width = 192;
    video.height = 128;
    video.frames = kFrames;
    test::SampleSound sound;
    sound.seconds = kFrames / 25.0;
    test::make_sample(folder_ / "in.mp4", video, sound);
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
    EXPECT_TRUE(make_directories(out_).ok());
  }

  // The device gives up amidst these segments of the renditions, when all before them are booked.
  void fails_at(std::map<std::string, std::int64_t> segments) { fails_at_ = std::move(segments); }
  void fails_at(std::int64_t segment) { fails_at({{"abr/128p", segment}, {"abr/96p", segment}}); }
  void works() { fails_at_.clear(); }

  Result<nlohmann::ordered_json> run(std::string spec = kSpec, std::vector<Retry> steps_down = {}) {
    spec.replace(spec.find('$'), 1, folder_.path().native());
    const auto parsed = parse_job_spec(spec);
    EXPECT_TRUE(parsed.ok()) << to_string(parsed.status());
    PipelineWorkers workers(
        test::with_fake_device([this](const VideoEncoderSettings& settings, std::int64_t pts) -> Status {
          ++pictures_on_device_;
          const auto last = fails_at_.find(settings.bits_per_second == 300'000 ? "abr/128p" : "abr/96p");
          if (last == fails_at_.end() || 2 * pts < (2 * last->second + 1) * 90'000) return {};
          ledger_.wait_for(fails_at_);
          return test::no_sessions_left();
        }));
    const JobRun job{*parsed, out_, 2, keeper_.plan, false, std::move(steps_down)};
    RunParts parts{workers, machine_, ledger_, keeper_, publisher_, std::chrono::milliseconds(0)};
    parts.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
    parts.devices = devices_;
    return JobRunner(job, parts).run({});
  }

  // By index.
  std::vector<FinishedSegment> segments_of(const std::string& track) {
    std::vector<FinishedSegment> run;
    const auto segments = ledger_.segments();
    for (const FinishedSegment& each : *segments)
      if (each.track == track) run.push_back(each);
    std::sort(run.begin(), run.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
    return run;
  }
  std::vector<int> headers(const std::string& track) {
    std::vector<int> numbers;
    for (const FinishedSegment& each : segments_of(track)) numbers.push_back(each.headers);
    return numbers;
  }
  std::string text(const std::string& file) const { return read_file(out_ / file).value_or("(absent)"); }

  // Every picture once, in order, at its time.
  void expect_whole(const fs::path& file) const {
    const auto played = test::play_file(file);
    ASSERT_FALSE(played.empty()) << file;
    ASSERT_THAT(played[0].track.frames, SizeIs(kFrames)) << file;
    const double zero = played[0].track.frames[0].seconds;
    for (int at = 0; at < kFrames; ++at) {
      EXPECT_EQ(played[0].track.frames[static_cast<std::size_t>(at)].number, at) << file;
      EXPECT_NEAR(played[0].track.frames[static_cast<std::size_t>(at)].seconds - zero, at / 25.0, 0.0011)
          << file;
    }
  }
  // By FFmpeg's own HLS demuxer, the files, and a deep look at all against the receipt.
  void expect_all_whole() const {
    for (const char* file : {"abr/128p/playlist.m3u8", "abr/96p/playlist.m3u8", "web.mp4", "stream.ts"})
      expect_whole(out_ / file);
    const auto checks = verify_folder(out_, /*deep=*/true);
    ASSERT_TRUE(checks.ok()) << to_string(checks.status());
    for (const Check& each : *checks)
      EXPECT_TRUE(each.holds) << each.where << ": " << each.name << ": " << each.detail;
  }

  const test::TempFolder folder_;
  const fs::path out_ = folder_ / "out";
  hw::Inventory machine_;
  DeviceChoices devices_;
  std::map<std::string, std::int64_t> fails_at_;
  std::atomic<int> pictures_on_device_{0};
  CutLedger ledger_;
  Keeper keeper_;
  const Publisher publisher_;
};

TEST_F(StepDownJobTest, WithoutAFailureAllIsOfTheDeviceAndUnderOneHeader) {
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(pictures_on_device_, 2 * kFrames);
  EXPECT_THAT(headers("abr/128p"), AllOf(SizeIs(6), Each(0)));
  EXPECT_FALSE(fs::exists(out_ / "abr/128p/init-2.mp4"));
  EXPECT_THAT(text("abr/128p/init.mp4"), HasSubstr("avc1"));
  EXPECT_THAT(text("abr/manifest.mpd"), Not(HasSubstr("Period id=\"1\"")));
  EXPECT_THAT((*receipt)["steps_down"], IsEmpty());
  EXPECT_FALSE((*receipt)["outputs"][0]["renditions"][0].contains("init_segments"));
  expect_all_whole();
}

TEST_F(StepDownJobTest, TheCpuGoesOnFromTheFirstSegmentThatIsLacking) {
  fails_at(3);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  ASSERT_THAT(keeper_.retries, SizeIs(1));
  EXPECT_EQ(keeper_.retries[0].stage, "encode");
  EXPECT_THAT(keeper_.retries[0].step_down, HasSubstr("encodes on cpu instead of vaapi:"));

  // What the device finished stays, in both renditions.
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_THAT(headers("abr/96p"), ElementsAre(0, 0, 0, 1, 1, 1));

  EXPECT_THAT(text("abr/128p/playlist.m3u8"),
              AllOf(HasSubstr("#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.000000,\n00001.m4s\n"),
                    HasSubstr("#EXT-X-MAP:URI=\"init-2.mp4\"\n#EXTINF:1.000000,\n00004.m4s\n"),
                    Not(HasSubstr("DISCONTINUITY"))));
  EXPECT_THAT(text("abr/manifest.mpd"),
              AllOf(HasSubstr("<Period id=\"1\" start=\"PT3.000000S\">"),
                    HasSubstr("presentationTimeOffset=\"270000\" initialization=\"128p/init-2.mp4\"")));
  // Each period says what it has, the master playlist what covers both.
  EXPECT_THAT(text("abr/manifest.mpd"), AllOf(HasSubstr("codecs=\"avc1.42"), HasSubstr("codecs=\"avc1.64")));
  EXPECT_THAT(text("abr/master.m3u8"), AllOf(HasSubstr("CODECS=\"avc1.64"), Not(HasSubstr("avc1.42"))));
  const auto& said = (*receipt)["outputs"];
  EXPECT_EQ(said[0]["renditions"][0]["encoders"], 2);
  EXPECT_EQ(said[0]["renditions"][0]["init_segments"].dump(),
            R"([{"file":"init.mp4","first_segment":1,"segments":3},)"
            R"({"file":"init-2.mp4","first_segment":4,"segments":3}])");
  EXPECT_EQ(said[1]["encoders"], 2);
  EXPECT_THAT((*receipt)["steps_down"][0].get<std::string>(),
              AllOf(HasSubstr("encodes on cpu"), HasSubstr("incompatible client key (21)")));
  expect_all_whole();
  EXPECT_EQ(test::play_file(out_ / "web.mp4")[0].tag, "avc3");
}

TEST_F(StepDownJobTest, ARenditionThatLagsBehindChangesItsEncoderEarlier) {
  fails_at({{"abr/128p", 3}, {"abr/96p", 2}});
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_THAT(headers("abr/96p"), ElementsAre(0, 0, 1, 1, 1, 1));
  EXPECT_THAT(text("abr/manifest.mpd"),
              AllOf(HasSubstr("<Period id=\"1\" start=\"PT2.000000S\">"),
                    HasSubstr("presentationTimeOffset=\"180000\" initialization=\"96p/init-2.mp4\""),
                    HasSubstr("<Period id=\"2\" start=\"PT3.000000S\">"),
                    HasSubstr("presentationTimeOffset=\"270000\" initialization=\"128p/init-2.mp4\"")));
  expect_all_whole();
}

TEST_F(StepDownJobTest, ADeviceThatNeverMadeASegmentLeavesNoTrace) {
  fails_at(0);
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(headers("abr/128p"), AllOf(SizeIs(6), Each(0)));
  EXPECT_FALSE(fs::exists(out_ / "abr/128p/init-2.mp4"));
  expect_all_whole();
  EXPECT_EQ(test::play_file(out_ / "web.mp4")[0].tag, "avc1");
}

TEST_F(StepDownJobTest, AJobThatIsKilledAfterItsStepDownGoesOnWithTheSecondHeaders) {
  fails_at(2);
  ledger_.cut_at = 4;
  ASSERT_FALSE(run().ok());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 1, 1));
  EXPECT_TRUE(fs::exists(out_ / "abr/128p/00005.m4s")) << "it has its name already, and nobody knows of it";
  const auto before = segments_of("abr/128p");
  ledger_.cut_at = INT64_MAX;
  pictures_on_device_ = 0;
  const auto receipt = run(kSpec, keeper_.retries);
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(pictures_on_device_, 0) << "what was learnt holds for later attempts";
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 1, 1, 1, 1));
  const auto after = segments_of("abr/128p");
  for (std::size_t at = 0; at < before.size(); ++at) EXPECT_EQ(after[at].sha256, before[at].sha256) << at;
  EXPECT_THAT((*receipt)["steps_down"], SizeIs(1));
  expect_all_whole();
}

// The step down was never booked: the device makes the rest, and its first headers come back.
TEST_F(StepDownJobTest, HeadersComeBackWithTheirEncoder) {
  fails_at(2);
  ledger_.cut_at = 4;
  ASSERT_FALSE(run().ok());
  ledger_.cut_at = INT64_MAX;
  works();
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_FALSE(fs::exists(out_ / "abr/128p/init-3.mp4"));
  EXPECT_THAT(text("abr/manifest.mpd"), HasSubstr("start=\"PT4.000000S\">"));
  expect_all_whole();
}

TEST_F(StepDownJobTest, AnInitSegmentThatIsGoneTakesItsSegmentsAlone) {
  fails_at(2);
  ledger_.cut_at = 4;
  ASSERT_FALSE(run().ok());
  fs::remove(out_ / "abr/128p/init-2.mp4");
  const auto before = segments_of("abr/128p");
  ledger_.cut_at = INT64_MAX;
  ASSERT_TRUE(run(kSpec, keeper_.retries).ok());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 1, 1, 1, 1));
  EXPECT_EQ(segments_of("abr/128p")[1].sha256, before[1].sha256);
  expect_all_whole();
}

TEST_F(StepDownJobTest, AnOtherInitSegmentThanTheReceiptsIsFound) {
  fails_at(3);
  ASSERT_TRUE(run().ok());
  const auto broken = [&] {
    std::vector<std::string> where;
    const auto checks = verify_folder(out_, /*deep=*/true);
    for (const Check& each : *checks)
      if (!each.holds) where.push_back(each.where);
    return where;
  };
  ASSERT_THAT(broken(), IsEmpty());
  const std::string second = text("abr/128p/init-2.mp4");
  ASSERT_TRUE(write_file(out_ / "abr/128p/init-2.mp4", text("abr/128p/init.mp4")).ok());
  EXPECT_THAT(broken(), Contains("abr/128p/init-2.mp4"));
  fs::remove(out_ / "abr/128p/init-2.mp4");
  EXPECT_THAT(broken(), AllOf(Contains("abr/128p/init-2.mp4"), Contains("abr/128p")));
  ASSERT_TRUE(write_file(out_ / "abr/128p/init-2.mp4", second).ok());
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(StepDownJobTest, HevcStepsDownToo) {
  fails_at({{"abr/128p", 3}});
  const std::string spec = R"({"input": {"url": "$/in.mp4"}, "device": "vaapi", "outputs": [
    {"name": "abr", "type": "adaptive", "segment_seconds": 1, "codec": "hevc", "preset": "veryfast",
     "ladder": [{"height": 128, "bitrate": "300k"}]}]})";
  const auto receipt = run(spec);
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(headers("abr/128p"), ElementsAre(0, 0, 0, 1, 1, 1));
  expect_whole(out_ / "abr/128p/playlist.m3u8");
}

}  // namespace
}  // namespace millrace::engine
