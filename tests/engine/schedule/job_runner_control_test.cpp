// Runs that are paused, and runs that outputs are taken from.
#include <gmock/gmock.h>

#include "tests/engine/schedule/job_runner_fixture.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

// "web" has a rendition of its own, in .parts.
constexpr const char* kOwn = ".parts/web";

class JobRunnerControlTest : public JobRunnerTest {
 protected:
  JobRunnerControlTest() { control_ = &asked_; }
  // Before the next segment of the track: does something once.
  void once_before(const std::string& track, std::int64_t index, std::function<void()> act) {
    workers_.before = [this, track, index, act = std::move(act)](const std::string& each, std::int64_t at,
                                                                 std::stop_token) {
      if (each == track && at == index && !acted_.exchange(true)) act();
      return Status();
    };
  }
  // What a later run of the same job is asked.
  void anew() {
    later_ = std::make_unique<RunControl>();
    control_ = later_.get();
  }

  RunControl asked_;
  std::unique_ptr<RunControl> later_;
  std::atomic<bool> acted_{false};
};

TEST_F(JobRunnerControlTest, APauseEndsThePicturesAtAnEdgeAndNothingIsMadeTwice) {
  once_before(k360, 1, [&] { asked_.pause(); });
  const auto paused = run();
  EXPECT_EQ(paused.status().code(), Code::cancelled);
  EXPECT_THAT(booked(k720), ElementsAre(0, 1));
  EXPECT_THAT(booked(k360), ElementsAre(0, 1));
  EXPECT_THAT(booked(kOwn), ElementsAre(0, 1)) << "what was begun is whole";
  EXPECT_FALSE(fs::exists(path("receipt.json")));
  anew();
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 2));
}

TEST_F(JobRunnerControlTest, APauseInTheLastSegmentLeavesTheRestForLater) {
  once_before(k360, 2, [&] { asked_.pause(); });
  EXPECT_EQ(run().status().code(), Code::cancelled);
  EXPECT_FALSE(fs::exists(path("web.mp4")));
  anew();
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0)) << "its pictures were whole";
}

TEST_F(JobRunnerControlTest, APauseOfAJobWithoutPicturesEndsAtOnce) {
  spec_ = R"({"input": {"url": "file:///media/in.mov"}, "outputs": [{"name": "s", "type": "audio"}]})";
  workers_.before = [&](const std::string&, std::int64_t, std::stop_token stop) -> Status {
    if (acted_.exchange(true)) return {};
    asked_.pause();
    Gate never;
    return never.wait(stop) ? Status() : Status(Code::cancelled, "stopped");
  };
  EXPECT_EQ(run().status().code(), Code::cancelled);
  anew();
  EXPECT_TRUE(run().ok());
}

TEST_F(JobRunnerControlTest, AnOutputLeftOutOnTheWayTakesItsTracksAlongAndTheOthersGoOn) {
  once_before(kOwn, 1, [&] { EXPECT_TRUE(asked_.leave_out("web")); });
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 1)) << "the range begins again where it was, without";
  EXPECT_THAT(booked(k720), ElementsAre(0, 1, 2));
  EXPECT_THAT(booked(kOwn), ElementsAre());
  EXPECT_THAT(booked(kSound), ElementsAre(0, 1, 2));
  EXPECT_EQ(workers_.sounds, 1) << "the sound was not disturbed";
  EXPECT_FALSE(fs::exists(path("web.mp4")));
  EXPECT_FALSE(fs::exists(path(kOwn)));
  EXPECT_TRUE(fs::exists(path("abr/720p/00003.m4s")));
  EXPECT_THAT(workers_.made(), ElementsAre());
  ASSERT_EQ(observer_.told.back().outputs.size(), 1U);
  EXPECT_EQ(observer_.told.back().outputs[0].name, "abr");
}

TEST_F(JobRunnerControlTest, TracksThatAnotherOutputUsesStayWhenTheirsIsLeftOut) {
  once_before(k360, 1, [&] { EXPECT_TRUE(asked_.leave_out("abr")); });
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_TRUE(fs::exists(path("web.mp4")));
  EXPECT_THAT(booked(k720), ElementsAre());
  EXPECT_THAT(booked(kSound), ElementsAre(0, 1, 2)) << "the file's sound";
  EXPECT_FALSE(fs::exists(path("abr/master.m3u8")));
  EXPECT_FALSE(fs::exists(path(k720)));
}

TEST_F(JobRunnerControlTest, AnOutputMadeAloneEndsAloneWhenItIsLeftOut) {
  spec_ = R"({"input": {"url": "file:///media/in.mov"}, "outputs": [
    {"name": "abr", "type": "adaptive", "ladder": [{"height": 360}]},
    {"name": "stills", "type": "thumbnails", "at": [1, 2]}, {"name": "sound", "type": "audio"}]})";
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token stop) -> Status {
    if (track != "stills" || index != 1) return {};
    EXPECT_TRUE(asked_.leave_out("stills"));
    Gate never;
    return never.wait(stop) ? Status() : Status(Code::cancelled, "stopped");
  };
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0));
  EXPECT_FALSE(fs::exists(path("stills")));
  EXPECT_TRUE(fs::exists(path("sound.m4a")));
}

TEST_F(JobRunnerControlTest, WhatIsLeftOutFromTheStartIsNotPlanned) {
  asked_.leave_out("web");
  ASSERT_TRUE(run().ok());
  ASSERT_TRUE(observer_.plan.has_value());
  ASSERT_EQ(observer_.plan->outputs.size(), 1U);
  EXPECT_THAT(workers_.ranges(), ElementsAre(0));
}

// That it was left out could not be booked.
TEST_F(JobRunnerControlTest, AnOutputThatOnlyTheRunBeforeLeftOutIsMade) {
  asked_.leave_out("web");
  ASSERT_TRUE(run().ok());
  ASSERT_FALSE(fs::exists(path("web.mp4")));
  anew();
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(observer_.plan->outputs.size(), 2U);
  EXPECT_TRUE(fs::exists(path("web.mp4")));
}

TEST_F(JobRunnerControlTest, AnOutputOfAnEarlierReceiptThatIsLeftOutNowGoes) {
  ASSERT_TRUE(run().ok());
  ASSERT_TRUE(fs::exists(path("web.mp4")));
  anew();
  later_->leave_out("web");
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_FALSE(fs::exists(path("web.mp4")));
  EXPECT_TRUE(fs::exists(path("abr/720p/00001.m4s")));
  EXPECT_THAT(workers_.ranges(), ElementsAre(0)) << "nothing was made again";
}

// Whose files take their time to be read.
TEST_F(JobRunnerControlTest, APauseAndAStopReachTheReceipt) {
  publisher_.before_receipt = [&](const std::stop_token& stop) {
    EXPECT_FALSE(stop.stop_requested());
    asked_.pause();
    EXPECT_TRUE(stop.stop_requested());
  };
  EXPECT_EQ(run().status().code(), Code::cancelled);
  EXPECT_FALSE(fs::exists(path("receipt.json")));
  anew();
  std::stop_source stopped;
  publisher_.before_receipt = [&](const std::stop_token& stop) {
    EXPECT_FALSE(stop.stop_requested());
    stopped.request_stop();
    EXPECT_TRUE(stop.stop_requested());
  };
  EXPECT_EQ(run(stopped.get_token()).status().code(), Code::cancelled);
  EXPECT_FALSE(fs::exists(path("receipt.json")));
}

TEST_F(JobRunnerControlTest, OnceItIsPublishedItIsTooLate) {
  bool taken = true;
  publisher_.before_receipt = [&](const std::stop_token&) { taken = asked_.leave_out("web"); };
  ASSERT_TRUE(run().ok());
  EXPECT_FALSE(taken);
  EXPECT_TRUE(fs::exists(path("web.mp4")));
}

}  // namespace
}  // namespace millrace::engine
