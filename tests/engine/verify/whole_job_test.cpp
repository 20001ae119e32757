// From a source to a receipt with the real planner, encoders and packaging, without workers or a store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/file.h"
#include "engine/job/job_spec_json.h"
#include "engine/package/publish.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/run_task.h"
#include "engine/plan/planner.h"
#include "engine/verify/receipt.h"
#include "tests/support/media_sample.h"
#include "tests/support/played_file.h"
#include "tests/support/short_promise.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using ::testing::IsEmpty;

class Booker final : public TaskObserver {
 public:
  Status segment_finished(const FinishedSegment& segment) override {
    segments.push_back(segment);
    return {};
  }
  void progress(const TaskProgress&) override {}
  Segments segments;
};

test::SampleVideo pictures(int frames, int rate = 25, int rate_base = 1) {
  test::SampleVideo video;
  video.frames = frames;
  video.rate = rate;
  video.rate_base = rate_base;
  return video;
}

class WholeJobTest : public testing::Test {
 protected:
  // A ladder of two and a file of its own size, the pictures as two ranges; every check of the receipt and of
  // a deep look at the folder must hold.
  void run(const test::SampleVideo& video, const std::optional<test::SampleSound>& sound,
           const Rational& most_frames = {}) {
    test::make_sample(folder_ / "in.mp4", video, sound);
    JobSpec spec;
    spec.input_url = (folder_ / "in.mp4").native();
    AdaptiveOutput abr;
    abr.name = "abr";
    abr.segment_seconds = 1;
    for (const int height : {video.height, video.height / 2})
      abr.ladder.push_back({height, 100'000, most_frames, {}});
    FileOutput web;
    web.name = "web";
    web.height = video.height;
    web.max_frame_rate = most_frames;
    spec.outputs = {abr, web};
    run(spec);
  }

  void run(const JobSpec& spec) {
    const auto source = inspect(spec.input_url);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    const auto plan = make_plan(*source, spec, {}, 1);
    ASSERT_TRUE(plan.ok()) << to_string(plan.status());
    make(*plan);
  }

  // As JSON: what `$` stands for is the folder's name.
  JobSpec spec_of(std::string json) const {
    for (std::size_t at = json.find('$'); at != std::string::npos; at = json.find('$'))
      json.replace(at, 1, folder_.path().native());
    const auto spec = parse_job_spec(json);
    EXPECT_TRUE(spec.ok()) << to_string(spec.status());
    return spec.value_or(JobSpec());
  }

  void make(const Plan& plan) {
    const std::filesystem::path out = folder_ / "out";
    Booker booker;
    // The second range first, as if another worker had been faster.
    for (const auto& [first, end] : {std::pair{1, -1}, std::pair{0, 1}}) {
      if (plan.renditions.empty()) break;
      const auto made = run_range({plan, first, end, out, {}}, booker, {});
      ASSERT_TRUE(made.ok()) << to_string(made.status());
    }
    for (std::size_t sound = 0; sound < plan.sounds.size(); ++sound) {
      const auto made = run_sound({plan, sound, out}, booker, {});
      ASSERT_TRUE(made.ok()) << to_string(made.status());
    }
    // Subtitles before the playlists that name them.
    for (std::size_t i = 0; i < plan.subtitles.size(); ++i)
      make_output(plan, plan.outputs.size() + i, booker);
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
      if (plan.outputs[i].type != PlannedOutput::Type::adaptive) {
        make_output(plan, i, booker);
        continue;
      }
      const Status written = write_adaptive(out, plan, plan.outputs[i], booker.segments, true);
      ASSERT_TRUE(written.ok()) << to_string(written);
    }
    const auto receipt = make_receipt(out, plan, booker.segments, {}, {});
    ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
    ASSERT_TRUE(remove_tree(out / ".parts").ok());
    ASSERT_TRUE(write_file(out / "receipt.json", receipt->dump(2)).ok());
    const auto checks = verify_folder(out, true);
    ASSERT_TRUE(checks.ok()) << to_string(checks.status());
    for (const Check& each : *checks)
      EXPECT_TRUE(each.holds) << each.where << ": " << each.name << ": " << each.detail;
    receipt_ = *receipt;
  }

  void make_output(const Plan& plan, std::size_t number, Booker& booker) {
    OutputTask task{plan, number, folder_ / "out", {}};
    for (const FinishedSegment& each : booker.segments) ++task.segments[each.track];
    const auto made = run_output(task, booker, {});
    ASSERT_TRUE(made.ok()) << to_string(made.status());
  }

  const test::TempFolder folder_;
  nlohmann::ordered_json receipt_;
};

TEST_F(WholeJobTest, PicturesAndSound) {
  run(pictures(60), test::SampleSound{.seconds = 2.4});
  EXPECT_EQ(receipt_["outputs"][0]["renditions"][1]["frames_out"], 60);
  EXPECT_EQ(receipt_["outputs"][1]["renditions"][0]["frames_out"], 60);
}

TEST_F(WholeJobTest, FractionalRateAndLateShortSound) {
  run(pictures(95, 30'000, 1001), test::SampleSound{.start_seconds = 0.7, .seconds = 1.1});
}

TEST_F(WholeJobTest, SoundThatOutlastsThePictures) { run(pictures(40), test::SampleSound{.seconds = 3.3}); }

TEST_F(WholeJobTest, NoSound) {
  run(pictures(55), std::nullopt);
  EXPECT_THAT(receipt_["outputs"][0]["sounds"], IsEmpty());
}

TEST_F(WholeJobTest, UnevenTimesWithAStill) {
  test::SampleVideo video;
  for (int frame = 0; frame < 40; ++frame) video.pts.push_back(frame * 3600 + (frame % 3) * 500);
  for (int frame = 0; frame < 20; ++frame) video.pts.push_back(400'000 + frame * 2700);
  video.frames = static_cast<int>(video.pts.size());
  run(video, test::SampleSound{.seconds = 4});
}

TEST_F(WholeJobTest, FramesAboveTheAskedRateAreDropped) {
  run(pictures(130, 50), test::SampleSound{.seconds = 2}, {25, 1});
  EXPECT_EQ(receipt_["outputs"][0]["renditions"][0]["frames_in"], 130);
  EXPECT_EQ(receipt_["outputs"][0]["renditions"][0]["frames_out"], 65);
}

TEST_F(WholeJobTest, EveryKindOfOutput) {
  test::SampleVideo video = pictures(75);
  video.width = 144;
  video.height = 96;
  test::make_sample(folder_ / "in.mp4", video, test::SampleSound{.seconds = 3});
  ASSERT_TRUE(write_file(folder_ / "in.srt", "1\n00:00:00,500 --> 00:00:02,000\nHallo\n").ok());
  run(spec_of(
      R"({"input": {"url": "$/in.mp4", "subtitles": [{"url": "$/in.srt", "language": "de"}]}, "outputs": [
    {"name": "abr", "type": "adaptive", "ladder": [{"height": 96, "bitrate": "100k"}], "segment_seconds": 1},
    {"name": "web", "type": "file", "container": "mp4"},
    {"name": "film", "type": "file", "container": "mkv"},
    {"name": "old", "type": "file", "container": "ogg"},
    {"name": "same", "type": "file", "container": "mkv", "video": {"codec": "copy"}, "audio": {"codec": "copy"}},
    {"name": "sound", "type": "audio", "container": "m4a"},
    {"name": "pcm", "type": "audio", "container": "wav"},
    {"name": "stills", "type": "thumbnails", "at": [0, 1.5], "size": "48x32", "format": "png"},
    {"name": "scrub", "type": "sprites", "every": 1, "width": 48, "columns": 2}]})"));
  ASSERT_FALSE(receipt_.is_null());
  const auto& outputs = receipt_["outputs"];
  ASSERT_EQ(outputs.size(), 9U);
  EXPECT_EQ(outputs[0]["subtitles"][0]["cues"], 1);
  for (const int file : {1, 2, 3, 4}) EXPECT_EQ(outputs[file]["frames_out"], 75) << outputs[file]["path"];
  EXPECT_EQ(outputs[3]["video"]["codec"], "theora");
  EXPECT_EQ(outputs[3]["audio"]["codec"], "vorbis");
  EXPECT_EQ(outputs[4]["video"]["copied"], true);
  EXPECT_NEAR(outputs[5]["samples_out"].get<double>(), 144'000, 2'048);
  EXPECT_EQ(outputs[6]["samples_out"], outputs[6]["samples_in"]);
  EXPECT_EQ(outputs[7]["files"].size(), 2U);
  EXPECT_EQ(outputs[7]["files"][1]["start"], 135'000);
  EXPECT_EQ(outputs[8]["frames_out"], 3);
  for (const char* file : {"web.mp4", "film.mkv", "old.ogg", "same.mkv", "sound.m4a", "pcm.wav",
                           "stills/0002.png", "scrub.jpg", "scrub.vtt"})
    EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / file)) << file;
}

// Sixteen seconds.
test::SampleVideo long_pictures() {
  test::SampleVideo video = pictures(400);
  video.width = 144;
  video.height = 96;
  return video;
}

TEST_F(WholeJobTest, MediaThatGoesOnBehindWhatItsContainerPromises) {
  test::SampleVideo video = long_pictures();
  const test::SampleSound sound{.seconds = 16};
  for (const char* name : {"in.mkv", "in.flv"}) {
    test::make_sample(folder_ / name, video, sound);
    test::promise_seconds(folder_ / name, 4);
  }
  video.fragmented = true;
  test::make_sample(folder_ / "in.mp4", video, sound);
  ASSERT_TRUE(write_file(folder_ / "in.m3u8", test::playlist_of_fragments(folder_ / "in.mp4", 0.1)).ok());
  for (const std::string name : {"in.mkv", "in.flv", "in.m3u8"}) {
    ASSERT_TRUE(remove_tree(folder_ / "out").ok());
    run(spec_of(R"({"input": {"url": "$/)" + name + R"("}, "outputs": [
      {"name": "abr", "type": "adaptive", "ladder": [{"height": 96, "bitrate": "100k"}]},
      {"name": "old", "type": "file", "container": "ogg"},
      {"name": "stills", "type": "thumbnails", "at": [1, 15], "size": "48x32"},
      {"name": "scrub", "type": "sprites", "every": 4, "width": 48, "columns": 2}]})"));
    ASSERT_FALSE(receipt_.is_null()) << name;
    const auto& outputs = receipt_["outputs"];
    EXPECT_EQ(outputs[0]["renditions"][0]["frames_out"], 400) << name;
    EXPECT_NEAR(outputs[0]["sounds"][0]["duration_seconds"].get<double>(), 16, 0.1) << name;
    const auto ogg = test::play_file(folder_ / "out/old.ogg");
    ASSERT_EQ(ogg.size(), 2U);
    EXPECT_NEAR(static_cast<double>(ogg[1].track.samples.size()) / 48'000, 16, 0.1) << name;
    EXPECT_EQ(outputs[2]["files"][1]["start"], 1'350'000) << name;
    EXPECT_EQ(outputs[3]["frames_out"], 4) << name;
  }
}

TEST_F(WholeJobTest, APartBehindWhatTheContainerPromises) {
  test::make_sample(folder_ / "in.mkv", long_pictures(), test::SampleSound{.seconds = 16});
  test::promise_seconds(folder_ / "in.mkv", 4);
  run(spec_of(R"({"input": {"url": "$/in.mkv"}, "trim": {"from": 6, "to": 10}, "outputs": [
    {"name": "abr", "type": "adaptive", "ladder": [{"height": 96, "bitrate": "100k"}]}]})"));
  ASSERT_FALSE(receipt_.is_null());
  EXPECT_EQ(receipt_["outputs"][0]["renditions"][0]["frames_out"], 100);
  EXPECT_NEAR(receipt_["outputs"][0]["sounds"][0]["duration_seconds"].get<double>(), 4, 0.03);
}

TEST_F(WholeJobTest, SoundAlone) {
  test::make_sample(folder_ / "in.m4a", std::nullopt, test::SampleSound{.seconds = 3});
  run(spec_of(R"({"input": {"url": "$/in.m4a"}, "outputs": [
    {"name": "abr", "type": "adaptive", "segment_seconds": 1},
    {"name": "web", "type": "file", "container": "mp4"},
    {"name": "sound", "type": "audio", "container": "mp3"}]})"));
  ASSERT_FALSE(receipt_.is_null());
  EXPECT_THAT(receipt_["outputs"][0]["renditions"], IsEmpty());
  EXPECT_EQ(receipt_["outputs"][0]["sounds"].size(), 1U);
  EXPECT_NEAR(receipt_["outputs"][1]["samples_out"].get<double>(), 144'000, 3'072);
  EXPECT_NEAR(receipt_["outputs"][2]["samples_out"].get<double>(), 144'000, 3'072);
}

}  // namespace
}  // namespace millrace::engine
