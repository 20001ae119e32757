// From a source to a receipt with the real planner, encoders and packaging, without workers or a store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/file.h"
#include "engine/package/publish.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/run_task.h"
#include "engine/plan/planner.h"
#include "engine/verify/receipt.h"
#include "tests/support/media_sample.h"
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
    const auto source = inspect((folder_ / "in.mp4").native());
    ASSERT_TRUE(source.ok()) << to_string(source.status());
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
    const auto plan = make_plan(*source, spec, {}, 1);
    ASSERT_TRUE(plan.ok()) << to_string(plan.status());
    make(*plan);
  }

  void make(const Plan& plan) {
    const std::filesystem::path out = folder_ / "out";
    Booker booker;
    // The second range first, as if another worker had been faster.
    for (const auto& [first, end] : {std::pair{1, -1}, std::pair{0, 1}}) {
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

}  // namespace
}  // namespace millrace::engine
