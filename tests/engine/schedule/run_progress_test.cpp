#include "engine/schedule/run_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Plan plan_of(double seconds, std::size_t sounds = 1) {
  Plan plan;
  plan.source.duration_seconds = seconds;
  plan.source.video.emplace_back();
  plan.source.video[0].duration_seconds = seconds;
  plan.source.chosen_video = 0;
  plan.renditions.resize(2);
  plan.sounds.resize(sounds);
  plan.outputs.resize(2);
  plan.outputs[0].name = "abr";
  plan.outputs[1].name = "web";
  plan.outputs[1].type = PlannedOutput::Type::file;
  plan.outputs[1].renditions = {"abr/720p"};
  return plan;
}

class RunProgressTest : public testing::Test {
 protected:
  void begin(const Plan& plan) {
    progress_.planned(plan);
    progress_.enter(Phase::processing);
  }
  RunProgress::Time at(double seconds) {
    return start_ +
           std::chrono::duration_cast<RunProgress::Time::duration>(std::chrono::duration<double>(seconds));
  }
  const RunProgress::Time start_ = RunProgress::Time(seconds(1'000));
  RunProgress progress_;
};

TEST_F(RunProgressTest, IsToldFiveTimesASecondAndAtEachPhase) {
  EXPECT_TRUE(progress_.due(at(0)));
  EXPECT_FALSE(progress_.due(at(0.199)));
  EXPECT_TRUE(progress_.due(at(0.2)));
  EXPECT_FALSE(progress_.due(at(0.3)));
  progress_.enter(Phase::processing);
  EXPECT_TRUE(progress_.due(at(0.3)));
  EXPECT_FALSE(progress_.due(at(0.4)));
}

TEST_F(RunProgressTest, TheBarFollowsPicturesAndSound) {
  begin(plan_of(100));
  const double nothing = progress_.progress().done;
  progress_.pictures_at(50, at(1));
  const double half = progress_.progress().done;
  progress_.sound_at(0, 100, at(1));
  const double with_sound = progress_.progress().done;
  progress_.pictures_at(100, at(2));
  const double all = progress_.progress().done;
  EXPECT_LT(nothing, half);
  EXPECT_LT(half, with_sound);
  EXPECT_LT(with_sound, all);
  EXPECT_NEAR(half, nothing + (all - nothing) * 0.475, 1e-9);
  EXPECT_LT(all, 1);
  progress_.enter(Phase::packaging);
  progress_.output_made(0);
  EXPECT_EQ(progress_.progress().outputs[0].done, 1);
  EXPECT_LT(progress_.progress().outputs[1].done, 1);
  EXPECT_GT(progress_.progress().done, all);
  progress_.enter(Phase::publishing);
  progress_.finished();
  EXPECT_EQ(progress_.progress().done, 1);
  EXPECT_EQ(progress_.progress().eta_seconds, 0);
}

TEST_F(RunProgressTest, TheBarDoesNotGoBackWhenARangeIsGivenOutAgain) {
  begin(plan_of(100));
  progress_.pictures_at(50, at(1));
  const double before = progress_.progress().done;
  progress_.pictures_at(40, at(2));
  EXPECT_EQ(progress_.progress().done, before);
  EXPECT_EQ(progress_.progress().media_seconds, 40);
}

TEST_F(RunProgressTest, SpeedIsSmoothedAndGivesTheTimeLeft) {
  begin(plan_of(100));
  EXPECT_EQ(progress_.progress().eta_seconds, -1);
  progress_.pictures_at(0, at(0));
  progress_.pictures_at(10, at(1));
  EXPECT_NEAR(progress_.progress().speed, 10, 1e-9);
  EXPECT_NEAR(progress_.progress().eta_seconds, 9, 1e-9);
  progress_.pictures_at(10, at(2));  // stands still for a second
  EXPECT_LT(progress_.progress().speed, 10);
  EXPECT_GT(progress_.progress().speed, 5);
}

TEST_F(RunProgressTest, SpeedCountsFromWhereAResumedRunBegins) {
  begin(plan_of(100));
  progress_.pictures_at(80, at(0));
  progress_.pictures_at(81, at(1));
  EXPECT_NEAR(progress_.progress().speed, 1, 1e-9);
}

TEST_F(RunProgressTest, APromisedLengthIsGoneBy) {
  Plan plan = plan_of(100, 0);
  plan.source.length_promised = true;
  begin(plan);
  progress_.pictures_at(10, at(0));
  progress_.pictures_at(20, at(1));
  EXPECT_NEAR(progress_.progress().eta_seconds, 8, 1e-9);
}

TEST_F(RunProgressTest, ASourceOfUnknownLengthHasNoTimeLeft) {
  begin(plan_of(0));
  progress_.pictures_at(0, at(0));
  progress_.pictures_at(10, at(1));
  EXPECT_EQ(progress_.progress().eta_seconds, -1);
  EXPECT_EQ(progress_.progress().media_seconds, 10);
  EXPECT_LT(progress_.progress().done, 0.1);
}

TEST_F(RunProgressTest, WithoutSoundThePicturesAreAll) {
  begin(plan_of(100, 0));
  progress_.sound_at(3, 10, at(0));  // there is none
  progress_.pictures_at(100, at(1));
  const double all = progress_.progress().done;
  progress_.enter(Phase::packaging);
  EXPECT_EQ(progress_.progress().done, all);
}

// The two of plan_of(), an audio output and one that is coded in one go, and a subtitle.
Plan plan_with_tasks(double seconds) {
  Plan plan = plan_of(seconds);
  plan.outputs.resize(4);
  plan.outputs[2].name = "sound";
  plan.outputs[2].type = PlannedOutput::Type::audio;
  plan.outputs[3].name = "old";
  plan.outputs[3].type = PlannedOutput::Type::file;
  plan.outputs[3].in_one_go.emplace().picture.emplace();
  plan.subtitles.resize(1);
  return plan;
}

TEST_F(RunProgressTest, OutputsThatAreMadeAloneHaveBarsOfTheirOwn) {
  begin(plan_with_tasks(100));
  const double nothing = progress_.progress().done;
  progress_.output_at(3, 50, at(1));
  const Progress half = progress_.progress();
  EXPECT_GT(half.done, nothing);
  ASSERT_EQ(half.outputs.size(), 4U);  // the subtitle is no output
  EXPECT_NEAR(half.outputs[3].done, 0.48, 1e-9);
  EXPECT_EQ(half.outputs[0].done, 0);
  EXPECT_EQ(half.outputs[2].done, 0);
  progress_.output_made(3);
  EXPECT_EQ(progress_.progress().outputs[3].done, 1);
  progress_.output_made(2);  // its media ended early
  progress_.output_at(4, 100, at(2));
  progress_.output_at(7, 100, at(2));  // there is none
  progress_.pictures_at(100, at(2));
  progress_.sound_at(0, 100, at(2));
  const double before_subtitle_is_made = progress_.progress().done;
  progress_.output_made(4);
  EXPECT_EQ(progress_.progress().done, before_subtitle_is_made);  // its share was whole
  EXPECT_NEAR(before_subtitle_is_made, 0.94, 1e-9);
}

TEST_F(RunProgressTest, JoiningAFileMovesItsBarWhilePackaging) {
  begin(plan_with_tasks(100));
  for (const std::size_t task : {2, 3, 4}) progress_.output_made(task);
  progress_.enter(Phase::packaging);
  progress_.output_made(0);
  const Progress before = progress_.progress();
  EXPECT_NEAR(before.outputs[1].done, 0.96, 1e-9);
  progress_.output_at(1, 50, at(1));
  const Progress half = progress_.progress();
  EXPECT_NEAR(half.outputs[1].done, 0.98, 1e-9);
  EXPECT_GT(half.done, before.done);
  progress_.output_made(1);
  EXPECT_EQ(progress_.progress().outputs[1].done, 1);
  EXPECT_GT(progress_.progress().done, half.done);
}

TEST_F(RunProgressTest, WithoutPicturesAndSoundTheOutputsGiveSpeedAndTimeLeft) {
  Plan plan = plan_with_tasks(100);
  plan.renditions.clear();
  plan.sounds.clear();
  plan.subtitles.clear();
  plan.outputs = {plan.outputs[2], plan.outputs[3]};
  begin(plan);
  progress_.output_at(0, 0, at(0));
  progress_.output_at(0, 20, at(1));  // of two, one after another
  EXPECT_NEAR(progress_.progress().media_seconds, 10, 1e-9);
  EXPECT_NEAR(progress_.progress().speed, 10, 1e-9);
  EXPECT_NEAR(progress_.progress().eta_seconds, 9, 1e-9);
  progress_.output_made(0);
  EXPECT_NEAR(progress_.progress().media_seconds, 50, 1e-9);
}

TEST_F(RunProgressTest, WhatPicturesHaveLeftBehindThemHasNoTimeLeft) {
  begin(plan_with_tasks(100));
  progress_.pictures_at(0, at(0));
  progress_.pictures_at(100, at(10));
  EXPECT_EQ(progress_.progress().eta_seconds, -1);  // the file that is coded in one go goes on
}

}  // namespace
}  // namespace millrace::engine
