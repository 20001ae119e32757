#include "engine/pipeline/burn_track.h"

#include <gmock/gmock.h>

#include "engine/pipeline/inspect.h"
#include "tests/engine/pipeline/bitmap_tracks.h"
#include "tests/engine/pipeline/tasks.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using test::BoxTrack;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kFrame = 3600;  // ticks, at 25 a second

class BurnTrackTest : public testing::Test {
 protected:
  // Two seconds of pictures beside the track.
  Plan source_with(const BoxTrack& track, const std::string& name = "in.mkv", int frames = 50) {
    test::SampleVideo video;
    video.frames = frames;
    test::make_with_boxes(folder_ / name, video, track);
    const auto source = inspect((folder_ / name).native());
    EXPECT_TRUE(source.ok()) << to_string(source.status());
    return source.ok() ? plan_for(*source) : Plan{};
  }
  static int subtitle_stream(const Plan& plan) { return plan.source.other.at(0).index; }

  // The frames, counted from the job's 0, with something on show.
  std::vector<int> shown(const Plan& plan, int first = 0, int end = 50) {
    std::vector<int> frames;
    auto track = BurnTrack::open(plan, subtitle_stream(plan), first * kFrame, damage_, {});
    EXPECT_TRUE(track.ok()) << to_string(track.status());
    if (!track.ok()) return frames;
    for (int frame = first; frame < end; ++frame) {
      const auto now = (*track)->at(frame * kFrame);
      EXPECT_TRUE(now.ok()) << to_string(now.status());
      if (!now.ok()) return frames;
      if (*now) frames.push_back(frame);
      if (*now) last_ = *now;
    }
    return frames;
  }
  static std::vector<int> from_to(int first, int end) {
    std::vector<int> frames;
    for (int i = first; i < end; ++i) frames.push_back(i);
    return frames;
  }

  const test::TempFolder folder_;
  DamageLog damage_{false};
  std::shared_ptr<const SubtitlePicture> last_;
};

// A box over the lower right quarter of the canvas, from 0.4 s to 1.2 s.
BoxTrack one_box(const std::string& codec) {
  return {codec, 96, 64, {{400, 1200, 48, 32, 48, 32, 0xFFFFFFFF}}};
}

TEST_F(BurnTrackTest, PgsIsOnShowUntilItIsCleared) {
  EXPECT_EQ(shown(source_with(one_box("pgs"))), from_to(10, 30));
  ASSERT_EQ(last_->parts.size(), 1U);
  const SubtitlePicture::Part& part = last_->parts[0];
  EXPECT_DOUBLE_EQ(part.place.x, 0.5);
  EXPECT_DOUBLE_EQ(part.place.y, 0.5);
  EXPECT_DOUBLE_EQ(part.place.width, 0.5);
  EXPECT_DOUBLE_EQ(part.place.height, 0.5);
  EXPECT_EQ(part.rgba->width, 48);
  EXPECT_THAT(std::vector<int>(part.rgba->data[0], part.rgba->data[0] + 4), ElementsAre(255, 255, 255, 255));
}

TEST_F(BurnTrackTest, DvdSaysItsOwnEnd) {
  EXPECT_EQ(shown(source_with(one_box("dvdsub"))), from_to(10, 30));
  EXPECT_NEAR(last_->parts.at(0).place.x, 0.5, 0.02);
}

TEST_F(BurnTrackTest, DvbInATransportStream) {
  EXPECT_EQ(shown(source_with(one_box("dvbsub"), "in.ts")), from_to(10, 30));
  EXPECT_NEAR(last_->parts.at(0).place.y, 0.5, 0.02);
}

TEST_F(BurnTrackTest, TheNextOneTakesTheOnesPlace) {
  BoxTrack track = one_box("pgs");
  track.cues = {{0, 0, 0, 0, 8, 8}, {400, 0, 8, 8, 16, 16}, {800, 1000, 0, 0, 32, 8}};
  EXPECT_EQ(shown(source_with(track)), from_to(0, 25));
  EXPECT_EQ(last_->parts.at(0).rgba->width, 32);
}

TEST_F(BurnTrackTest, ATrimMovesItWithThePictures) {
  Plan plan = source_with(one_box("pgs"));
  plan.trim_from = 20 * kFrame;
  EXPECT_EQ(shown(plan, 0, 30), from_to(0, 10));
}

TEST_F(BurnTrackTest, ARangeThatBeginsInItHasItFromItsFirstPicture) {
  EXPECT_EQ(shown(source_with(one_box("pgs")), 25), from_to(25, 30));
}

TEST_F(BurnTrackTest, WhatIsNeverClearedEndsAfterTwoMinutes) {
  BoxTrack track = one_box("pgs");
  track.cues[0].end = 0;
  const Plan plan = source_with(track);
  auto burnt = BurnTrack::open(plan, subtitle_stream(plan), 0, damage_, {});
  ASSERT_TRUE(burnt.ok());
  const std::int64_t end = 10 * kFrame + BurnTrack::kLongestShow;
  EXPECT_NE((*burnt)->at(end - kFrame).value_or(nullptr), nullptr);
  EXPECT_EQ((*burnt)->at(end).value_or(nullptr), nullptr);
}

// In the middle of a long source the track is read from a little before.
TEST_F(BurnTrackTest, ARangeFarInSeeksAndShowsTheSame) {
  BoxTrack track = one_box("pgs");
  track.cues = {{1000, 2000, 0, 0, 8, 8}, {290'000, 301'000, 0, 0, 16, 8}};
  test::SampleVideo video;
  video.rate = 1;
  video.frames = 320;
  video.gop = 10;
  test::make_with_boxes(folder_ / "long.mkv", video, track);
  const auto source = inspect((folder_ / "long.mkv").native());
  ASSERT_TRUE(source.ok());
  const Plan plan = plan_for(*source);
  auto burnt = BurnTrack::open(plan, subtitle_stream(plan), 300 * kTicksPerSecond, damage_, {});
  ASSERT_TRUE(burnt.ok()) << to_string(burnt.status());
  const auto at = [&](int second) { return (*burnt)->at(second * kTicksPerSecond).value_or(nullptr); };
  ASSERT_NE(at(300), nullptr);
  EXPECT_EQ(at(300)->parts.at(0).rgba->width, 16);
  EXPECT_EQ(at(301), nullptr);
}

TEST_F(BurnTrackTest, AStreamThatHoldsNoSubtitlesIsAnotherFile) {
  Plan plan = source_with(one_box("pgs"));
  const auto track = BurnTrack::open(plan, 0, 0, damage_, {});
  ASSERT_FALSE(track.ok());
  EXPECT_EQ(track.status().code(), Code::corrupt_input);
  EXPECT_THAT(track.status().message(), HasSubstr("changed"));
}

TEST_F(BurnTrackTest, StopsOnRequest) {
  const Plan plan = source_with(one_box("pgs"));
  std::stop_source stop;
  auto track = BurnTrack::open(plan, subtitle_stream(plan), 0, damage_, stop.get_token());
  ASSERT_TRUE(track.ok());
  stop.request_stop();
  EXPECT_EQ((*track)->at(0).status().code(), Code::cancelled);
}

}  // namespace
}  // namespace millrace::engine
