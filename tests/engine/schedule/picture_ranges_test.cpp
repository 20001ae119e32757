// Pictures that are made in several ranges at once.
#include "engine/schedule/picture_ranges.h"

#include <gmock/gmock.h>

#include "tests/engine/schedule/job_runner_fixture.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;

// 80 s in 20 segments on 8 cores: two ranges at once, the first of 5 segments.
class PictureRangesTest : public JobRunnerTest {
 protected:
  PictureRangesTest() {
    cores_ = 8;
    workers_.segments = 20;
    workers_.see = [](Source& source) { source.duration_seconds = source.video[0].duration_seconds = 80; };
    workers_.before = [this](const std::string& track, std::int64_t index, std::stop_token stop) {
      if (track == kSound || !track.starts_with("abr")) return Status();
      const Status asked = before_ ? before_(track, index, stop) : Status();
      const std::lock_guard lock(mutex_);
      if (asked.ok()) ++made_[{track, index}];
      return asked;
    };
  }
  // Every segment of the ladder's renditions was made, and once.
  void expect_each_once(std::size_t segments) {
    EXPECT_THAT(made_, SizeIs(2 * segments));
    EXPECT_THAT(made_, Each(Pair(testing::_, 1)));
    EXPECT_THAT(booked(k720), SizeIs(segments));
    EXPECT_THAT(booked(k360), SizeIs(segments));
  }
  // The ranges that begin with segments 0 and 5 wait for one another before this segment of their own.
  void meet_before(std::int64_t segment_of_a_range) {
    before_ = [this, segment_of_a_range](const std::string& track, std::int64_t index, std::stop_token stop) {
      if (track != k720) return Status();
      if (index == segment_of_a_range) first_there_.open();
      if (index == 5 + segment_of_a_range) second_there_.open();
      Gate& other = index < 5 ? second_there_ : first_there_;
      const bool waits = index == segment_of_a_range || index == 5 + segment_of_a_range;
      return !waits || other.wait(stop) ? Status() : Status(Code::cancelled, "stopped");
    };
  }

  // Beside that, something is asked for before segment 7.
  void ask_at_seven(const std::function<void()>& ask) {
    before_ = [ask, met = before_](const std::string& track, std::int64_t index, std::stop_token stop) {
      const Status s = met(track, index, stop);
      if (track == k720 && index == 7) ask();
      return s;
    };
  }

  std::function<Status(const std::string&, std::int64_t, std::stop_token)> before_;
  Gate first_there_, second_there_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::int64_t>, int> made_;
};

TEST_F(PictureRangesTest, AreMadeAtOnceAndJoinToOneWhole) {
  meet_before(2);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(observer_.plan->ranges_at_once, 2);
  expect_each_once(20);
  EXPECT_EQ(ledger_.ends()->at(k720), 20);
  EXPECT_EQ(ledger_.ends()->at(k360), 20);
  std::vector<std::int64_t> begun = workers_.ranges();
  EXPECT_THAT(std::set(begun.begin(), begun.begin() + 2), ElementsAre(0, 5));
  for (const Progress& each : observer_.told) EXPECT_LE(each.media_seconds, 80);
  EXPECT_EQ(observer_.told.back().done, 1);
}

TEST_F(PictureRangesTest, WhatSeveralRangesHadIsNotMadeAgainAfterACrash) {
  meet_before(2);
  const auto met = before_;
  before_ = [met](const std::string& track, std::int64_t index, std::stop_token stop) {
    if (const Status s = met(track, index, stop); !s.ok()) return s;
    return track == k360 && index == 2 ? Status(Code::resource_exhausted, "the disk is full") : Status();
  };
  ASSERT_EQ(run().status().code(), Code::resource_exhausted);
  const auto had = booked(k360);
  const auto had_of_the_larger = booked(k720);
  ASSERT_THAT(had, testing::IsSupersetOf({0, 1, 5, 6}));
  ASSERT_THAT(had, testing::Not(testing::Contains(2)));
  ASSERT_TRUE(write_file(path("abr/720p/00009.m4s.tmp12.1"), "half").ok());
  made_.clear();
  before_ = nullptr;
  cores_ = 4;
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(observer_.plan->ranges_at_once, 1) << "on the cores that there are now";
  for (const std::int64_t index : had) EXPECT_FALSE(made_.contains({k360, index})) << index;
  for (const std::int64_t index : had_of_the_larger) EXPECT_FALSE(made_.contains({k720, index})) << index;
  EXPECT_THAT(made_, SizeIs(40 - had.size() - had_of_the_larger.size()));
  EXPECT_THAT(booked(k360), SizeIs(20));
  EXPECT_FALSE(fs::exists(path("abr/720p/00009.m4s.tmp12.1")));
}

TEST_F(PictureRangesTest, ADeadWorkersRangeAloneIsGivenOutAgain) {
  meet_before(2);
  const auto met = before_;
  before_ = [this, met](const std::string& track, std::int64_t index, std::stop_token stop) {
    if (const Status s = met(track, index, stop); !s.ok()) return s;
    return track == k360 && index == 7 && deaths_++ == 0 ? died() : Status();
  };
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  expect_each_once(20);
  ASSERT_THAT(observer_.retries, SizeIs(1));
  EXPECT_EQ(observer_.retries[0].task, "the pictures from segment 8");
  const std::vector<std::int64_t> begun = workers_.ranges();
  EXPECT_EQ(std::count(begun.begin(), begun.end(), 7), 1);
}

TEST_F(PictureRangesTest, TheFailureOfOneStopsTheOthersAndIsTheOneTold) {
  meet_before(2);
  const auto met = before_;
  Gate never;
  before_ = [&never, met](const std::string& track, std::int64_t index, std::stop_token stop) -> Status {
    if (const Status s = met(track, index, stop); !s.ok()) return s;
    if (track == k360 && index == 7) return {Code::corrupt_input, "at 28.000 s: damaged"};
    if (track == k360 && index == 2 && !never.wait(stop)) return {Code::cancelled, "stopped"};
    return {};
  };
  const auto receipt = run();
  EXPECT_EQ(receipt.status().code(), Code::corrupt_input);
  EXPECT_THAT(receipt.status().message(), HasSubstr("at 28.000 s"));
}

TEST_F(PictureRangesTest, APauseEndsEachAtItsEdgeAndNothingIsMadeTwice) {
  RunControl asked;
  control_ = &asked;
  meet_before(2);
  ask_at_seven([&] { asked.pause(); });
  EXPECT_EQ(run().status().code(), Code::cancelled);
  EXPECT_THAT(booked(k720), testing::IsSupersetOf({0, 1, 5, 7}));
  EXPECT_EQ(booked(k720), booked(k360)) << "what was begun is whole";
  EXPECT_LT(booked(k720).size(), 20U);
  RunControl later;
  control_ = &later;
  before_ = nullptr;
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  expect_each_once(20);
}

TEST_F(PictureRangesTest, ASourceThatEndsBeforeItSaysIsWholeThere) {
  workers_.segments = 7;
  // A third range begins beyond the end before the second one comes there.
  before_ = [this](const std::string&, std::int64_t index, std::stop_token stop) {
    while (index == 6 && workers_.ranges().size() < 3 && !stop.stop_requested()) std::this_thread::yield();
    return Status();
  };
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  expect_each_once(7);
  EXPECT_EQ(ledger_.ends()->at(k720), 7);
}

TEST_F(PictureRangesTest, ASourceThatGoesOnBeyondWhatItSaysIsWholeToo) {
  workers_.segments = 24;
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  expect_each_once(24);
}

TEST_F(PictureRangesTest, FirstSegmentsComeByThemselvesBeforeTheRanges) {
  watched_early_ = true;
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  expect_each_once(20);
  const std::vector<std::int64_t> begun = workers_.ranges();
  EXPECT_EQ(begun[0], 0);
  EXPECT_EQ(begun[1], 0);
  EXPECT_EQ(std::count(begun.begin(), begun.end(), 0), 2);
  EXPECT_EQ(workers_.decoder_threads()[0], 8);  // the plan's, for all of the job's cores
  EXPECT_EQ(workers_.decoder_threads()[1], 2);
}

TEST_F(PictureRangesTest, AnOutputLeftOutIsLeftOutOfEachRange) {
  RunControl asked;
  control_ = &asked;
  meet_before(2);
  ask_at_seven([&] { asked.leave_out("web"); });
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(booked(k720), SizeIs(20));
  EXPECT_THAT(booked(".parts/web"), SizeIs(0));
  EXPECT_FALSE(fs::exists(path("web.mp4")));
}

}  // namespace
}  // namespace millrace::engine
