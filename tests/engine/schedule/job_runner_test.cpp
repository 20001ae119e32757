#include "engine/schedule/job_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/engine/schedule/job_runner_fixture.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(JobRunnerTest, MakesEverythingThatWasAskedFor) {
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(booked(k720), ElementsAre(0, 1, 2));
  EXPECT_THAT(booked(k360), ElementsAre(0, 1, 2));
  EXPECT_THAT(booked(kSound), ElementsAre(0, 1, 2));
  EXPECT_EQ(ledger_.ends()->at(k720), 3);
  EXPECT_EQ(ledger_.ends()->at(kSound), 3);
  EXPECT_TRUE(fs::exists(path("abr/master.m3u8")));
  EXPECT_TRUE(fs::exists(path("web.mp4")));
  EXPECT_EQ(ledger_.ends()->at("web.mp4"), 1);
  EXPECT_FALSE(fs::exists(path(".parts")));
  EXPECT_EQ(nlohmann::ordered_json::parse(*read_file(path("receipt.json"))), *receipt);
  EXPECT_EQ((*receipt)["cpu_seconds"],
            2.25);  // 1.5 s of the pictures, 0.5 s of the sound, 0.25 s of the file
  EXPECT_THAT(workers_.ranges(), ElementsAre(0));
}

TEST_F(JobRunnerTest, TellsThePhasesInTheirOrderUpToTheEnd) {
  ASSERT_TRUE(run().ok());
  std::vector<Phase> phases;
  double before = 0;
  for (const Progress& each : observer_.told) {
    if (phases.empty() || phases.back() != each.phase) phases.push_back(each.phase);
    EXPECT_GE(each.done, before);
    before = each.done;
  }
  EXPECT_THAT(phases, ElementsAre(Phase::checking, Phase::processing, Phase::packaging, Phase::publishing));
  EXPECT_EQ(observer_.told.back().done, 1);
  ASSERT_EQ(observer_.told.back().outputs.size(), 2U);
  EXPECT_EQ(observer_.told.back().outputs[0].done, 1);
}

TEST_F(JobRunnerTest, GoesOnFromTheFirstSegmentThatSomeRenditionLacks) {
  workers_.before = [](const std::string& track, std::int64_t index, std::stop_token) {
    return track == k360 && index == 1 ? Status(Code::resource_exhausted, "the disk is full") : Status();
  };
  ASSERT_FALSE(run().ok());
  ASSERT_THAT(booked(k720), ElementsAre(0, 1));  // one ahead of the other
  ASSERT_THAT(booked(k360), ElementsAre(0));
  const FileFacts first = facts("abr/720p/00001.m4s");
  const FileFacts second = facts("abr/720p/00002.m4s");
  EXPECT_EQ(workers_.lacking().back(), (std::vector<std::int64_t>{0, 0, 0}));
  observer_.told.clear();
  ASSERT_TRUE(write_file(path("abr/720p/00003.m4s.tmp12.1"), "half").ok());

  workers_.before = nullptr;
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 1));
  EXPECT_THAT(booked(k360), ElementsAre(0, 1, 2));
  EXPECT_EQ(facts("abr/720p/00001.m4s"), first);
  EXPECT_EQ(facts("abr/720p/00002.m4s"), second);  // only the rendition that lacked it makes it
  EXPECT_EQ(workers_.lacking().back(), (std::vector<std::int64_t>{2, 2, 1}));
  EXPECT_FALSE(fs::exists(path("abr/720p/00003.m4s.tmp12.1")));
  const auto processing = std::find_if(observer_.told.begin(), observer_.told.end(),
                                       [](const Progress& each) { return each.phase == Phase::processing; });
  ASSERT_NE(processing, observer_.told.end());
  EXPECT_EQ(processing->media_seconds, 4);  // where it goes on, not 0
}

TEST_F(JobRunnerTest, ASoundThatEndedIsNotMadeAgain) {
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token stop) {
    if (track == k720 && index == 1) {
      while (!ledger_.ends()->contains(kSound) && !stop.stop_requested()) std::this_thread::yield();
      return Status(Code::resource_exhausted, "the disk is full");
    }
    return Status();
  };
  ASSERT_FALSE(run().ok());
  const FileFacts first = facts("abr/audio/00001.m4s");
  workers_.before = nullptr;
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(workers_.sounds.load(), 1);
  EXPECT_EQ(facts("abr/audio/00001.m4s"), first);
}

TEST_F(JobRunnerTest, ASoundThatDidNotEndStartsOver) {
  workers_.before = [](const std::string& track, std::int64_t index, std::stop_token) {
    return track == kSound && index == 2 ? Status(Code::resource_exhausted, "the disk is full") : Status();
  };
  ASSERT_FALSE(run().ok());
  ASSERT_THAT(booked(kSound), ElementsAre(0, 1));
  workers_.before = nullptr;
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(workers_.sounds.load(), 2);
  EXPECT_THAT(booked(kSound), ElementsAre(0, 1, 2));
}

TEST_F(JobRunnerTest, ADeadWorkersRangeIsGivenOutAgainFromTheFirstMissingSegment) {
  die_once_before(k360, 2);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 2));
  EXPECT_THAT(booked(k360), ElementsAre(0, 1, 2));
}

TEST_F(JobRunnerTest, AJobThatIsWatchedBeginsWithFirstSegmentsTheSmallestRenditionsBeforeAll) {
  watched_early_ = true;
  std::vector<std::string> order;
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token) {
    if (track == k360 || track == k720) order.push_back(track + " " + std::to_string(index));
    return Status();
  };
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(order.front(), "abr/360p 0");
  EXPECT_EQ(std::count(order.begin(), order.end(), "abr/360p 0"), 1);
  EXPECT_THAT(workers_.lacking(),
              ElementsAre(std::vector<std::int64_t>{1, 1, 0}, std::vector<std::int64_t>{0, 0, 1},
                          std::vector<std::int64_t>{1, 1, 1}));
  EXPECT_EQ(std::count(order.begin(), order.end(), "abr/720p 0"), 1);
  EXPECT_THAT(booked(k360), ElementsAre(0, 1, 2));
  EXPECT_THAT(booked(k720), ElementsAre(0, 1, 2));
  EXPECT_EQ((*receipt)["cpu_seconds"], 5.25);  // of the three ranges, the sound and the file
}

TEST_F(JobRunnerTest, APacedJobIsReadOnce) {
  watched_early_ = true;
  spec_.insert(spec_.rfind('}'), R"(, "real_time": true)");
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0));
}

TEST_F(JobRunnerTest, AWorkerThatDiesOfTheFirstSegmentIsReplaced) {
  watched_early_ = true;
  die_once_before(k360, 0);
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(booked(k360), ElementsAre(0, 1, 2));
}

TEST_F(JobRunnerTest, AFirstSegmentThatIsThereIsNotMadeAgainAfterAStop) {
  watched_early_ = true;
  die_once_before(k720, 0);
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.lacking(),
              ElementsAre(std::vector<std::int64_t>{1, 1, 0}, std::vector<std::int64_t>{0, 0, 1},
                          std::vector<std::int64_t>{0, 0, 1}, std::vector<std::int64_t>{1, 1, 1}));
}

TEST_F(JobRunnerTest, ADeadWorkersSoundIsMadeAgain) {
  die_once_before(kSound, 1);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(workers_.sounds.load(), 2);
  EXPECT_THAT(booked(kSound), ElementsAre(0, 1, 2));
}

TEST_F(JobRunnerTest, ASoundDoesNotRunFarAheadOfThePictures) {
  workers_.segments = 8;
  std::atomic<std::int64_t> pictures{0};
  std::atomic<std::int64_t> furthest{0};
  std::atomic<std::size_t> with_none{0};
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token stop) -> Status {
    if (track == kSound) furthest = std::max(furthest.load(), index - pictures.load());
    if (track == k720 && index < 2)
      while (booked(kSound).size() < (index == 0 ? 1U : 5U) && !stop.stop_requested())
        std::this_thread::yield();
    if (track == k720 && index == 0) with_none = booked(kSound).size();
    if (track == k360 && index == 4 && deaths_++ == 0) return died();
    if (track == k360) pictures = index + 1;  // about to be booked
    return {};
  };
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(furthest.load(), 3);
  EXPECT_EQ(with_none.load(), 1U) << "until the pictures have one";
  EXPECT_THAT(booked(kSound), testing::SizeIs(8));
}

TEST_F(JobRunnerTest, ASoundThatWaitsForPicturesEndsWithTheirFailure) {
  workers_.segments = 8;
  workers_.before = [&](const std::string& track, std::int64_t, std::stop_token stop) -> Status {
    if (track != k720) return {};
    while (booked(kSound).empty() && !stop.stop_requested()) std::this_thread::yield();
    return {Code::corrupt_input, "at 0.000 s: damaged"};
  };
  EXPECT_EQ(run().status().code(), Code::corrupt_input);
  EXPECT_THAT(booked(kSound), ElementsAre(0));
}

TEST_F(JobRunnerTest, ThreeDeathsInARowWithoutASegmentFailTheJobWithTheWorkersWords) {
  workers_.before = [](const std::string& track, std::int64_t index, std::stop_token) {
    return track == k360 && index == 1 ? died() : Status();
  };
  const auto receipt = run();
  EXPECT_EQ(receipt.status().code(), Code::device_lost);
  EXPECT_THAT(receipt.status().message(), HasSubstr("worker 7 died of signal 9"));
  // The first death came after a whole segment; the 720p segments beyond it are no progress.
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 1, 1, 1));
}

TEST_F(JobRunnerTest, AWorkerKilledWhileItLooksAtTheSourceIsReplaced) {
  workers_.deaths_at_inspection = 2;
  EXPECT_TRUE(run().ok());
  EXPECT_EQ(workers_.inspections.load(), 3);
}

TEST_F(JobRunnerTest, ASourceThatKillsEveryWorkerThatLooksAtItFailsTheJob) {
  workers_.deaths_at_inspection = 100;
  EXPECT_EQ(run().status().code(), Code::device_lost);
  EXPECT_EQ(workers_.inspections.load(), 3);
}

TEST_F(JobRunnerTest, ASoundThatAlwaysDiesFailsTheJobToo) {
  workers_.before = [](const std::string& track, std::int64_t index, std::stop_token) {
    return track == kSound && index == 1 ? died() : Status();
  };
  EXPECT_EQ(run().status().code(), Code::device_lost);
  EXPECT_EQ(workers_.sounds.load(), 4);
}

TEST_F(JobRunnerTest, TheFirstFailureStopsTheOthersAndIsTheOneTold) {
  Gate never;
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token stop) -> Status {
    if (track == kSound && !never.wait(stop)) return {Code::cancelled, "the sound was stopped"};
    if (track == k360 && index == 1) return {Code::corrupt_input, "at 4.000 s: damaged"};
    return {};
  };
  const auto receipt = run();
  EXPECT_EQ(receipt.status().code(), Code::corrupt_input);
  EXPECT_THAT(receipt.status().message(), HasSubstr("at 4.000 s"));
  EXPECT_THAT(workers_.ranges(), ElementsAre(0));
  EXPECT_FALSE(fs::exists(path("receipt.json")));
}

TEST_F(JobRunnerTest, AStopKeepsWholeSegments) {
  std::stop_source stop;
  Gate never;
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token task) -> Status {
    if (track != k720 || index != 1) return {};
    stop.request_stop();
    never.wait(task);
    return {Code::cancelled, "stopped"};
  };
  EXPECT_EQ(run(stop.get_token()).status().code(), Code::cancelled);
  EXPECT_THAT(booked(k720), ElementsAre(0));
}

TEST_F(JobRunnerTest, AnotherSourceIsMadeAnew) {
  ASSERT_TRUE(run().ok());
  const FileFacts first = facts("abr/720p/00001.m4s");
  const UniqueFd held = open_file("abr/720p/00001.m4s");
  ASSERT_TRUE(write_file(path("abr/720p/00009.m4s"), "of the old source").ok());
  workers_.see = [](Source& source) { source.size_bytes += 1; };
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 0));
  EXPECT_NE(facts("abr/720p/00001.m4s").inode, first.inode);
  EXPECT_FALSE(fs::exists(path("abr/720p/00009.m4s")));
}

// Its receipt would not know the files of the plan before.
TEST_F(JobRunnerTest, NothingOfAnotherSourcesPlanStays) {
  spec_ = R"({"input": {"url": "file:///media/in.mov"}, "outputs": [{"name": "abr", "type": "adaptive"}]})";
  ASSERT_TRUE(run().ok());
  ASSERT_TRUE(fs::exists(path("abr/720p")));
  ASSERT_TRUE(fs::exists(path("abr/audio")));
  ASSERT_TRUE(write_file(path("abr/manifest.mpd"), "of the old source").ok());
  workers_.see = [](Source& source) {
    source.video[0].width = 640;
    source.video[0].height = 360;
    source.audio.clear();
  };
  publisher_.heard = [&](const FakePublisher::Call&) {
    EXPECT_FALSE(fs::exists(path("abr/manifest.mpd"))) << "from the new plan's first playlist on";
  };
  ASSERT_TRUE(run().ok());
  EXPECT_FALSE(fs::exists(path("abr/720p")));
  EXPECT_FALSE(fs::exists(path("abr/audio")));
  EXPECT_FALSE(fs::exists(path("abr/manifest.mpd")));
  EXPECT_TRUE(fs::exists(path("abr/360p/00001.m4s")));
  EXPECT_TRUE(fs::exists(path("abr/master.m3u8")));
}

TEST_F(JobRunnerTest, AnotherOverlayIsMadeAnew) {
  const TemporaryFolder beside;
  ASSERT_TRUE(write_file(beside.path() / "logo.png", "a logo").ok());
  spec_.insert(spec_.rfind('}'), R"(, "overlays": [{"image": {"url": "file://)" +
                                     (beside.path() / "logo.png").native() + "\"}}]");
  publisher_.receipt_status = Status(Code::internal, "equal grid does not hold");
  ASSERT_FALSE(run().ok());
  ASSERT_FALSE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0)) << "the same overlay goes on";
  publisher_.receipt_status = {};
  ASSERT_TRUE(write_file(beside.path() / "logo.png", "another logo").ok());
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 0));
}

TEST_F(JobRunnerTest, WithoutAPlanNothingOfBeforeCounts) {
  ASSERT_TRUE(run().ok());
  observer_.plan.reset();
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 0));
  EXPECT_EQ(workers_.sounds.load(), 2);
}

TEST_F(JobRunnerTest, BookedSegmentsThatAreNotOnTheDiskAreMadeAgain) {
  publisher_.receipt_status = Status(Code::internal, "equal grid does not hold");
  ASSERT_FALSE(run().ok());
  publisher_.receipt_status = {};
  const FileFacts first = facts("abr/360p/00001.m4s");
  ASSERT_TRUE(write_file(path("abr/360p/00002.m4s"), "").ok());  // cut short
  ASSERT_TRUE(remove_tree(path("abr/audio/00001.m4s")).ok());
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 1));
  EXPECT_EQ(workers_.sounds.load(), 2);
  EXPECT_EQ(facts("abr/360p/00001.m4s"), first);
  EXPECT_EQ(fs::file_size(path("abr/360p/00002.m4s")), 7U);
}

TEST_F(JobRunnerTest, AReceiptThatFailsFailsTheJobAndIsNotWritten) {
  publisher_.receipt_status = Status(Code::internal, "abr/720p: equal grid does not hold");
  const auto receipt = run();
  EXPECT_THAT(receipt.status().message(), HasSubstr("equal grid"));
  EXPECT_FALSE(fs::exists(path("receipt.json")));
}

TEST_F(JobRunnerTest, ARunThatFindsItsReceiptIsDone) {
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok());
  ASSERT_TRUE(make_directories(path(".parts/web")).ok());
  const std::size_t written = publisher_.calls().size();
  const auto again = run();
  ASSERT_TRUE(again.ok()) << to_string(again.status());
  EXPECT_EQ(*again, *receipt);
  EXPECT_THAT(workers_.ranges(), ElementsAre(0));
  EXPECT_EQ(publisher_.calls().size(), written);
  EXPECT_FALSE(fs::exists(path(".parts")));
  EXPECT_EQ(observer_.told.back().done, 1);
}

TEST_F(JobRunnerTest, EachTracksPlaylistGrowsAsItsSegmentsLandAndNeverShrinks) {
  Gate listed_one;
  std::map<std::string, std::size_t> most;
  publisher_.heard = [&](const FakePublisher::Call& call) {
    std::map<std::string, std::size_t> counts;
    for (const FinishedSegment& each : call.segments) ++counts[each.track];
    for (const auto& [track, count] : most) EXPECT_GE(counts[track], count) << track;
    most = counts;
    if (!call.whole && counts[k720] == 1 && counts[k360] == 0) listed_one.open();
  };
  // 720p can be watched before 360p has anything; then the worker dies, and 720p's segment is made again.
  bool died = false;
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token stop) {
    if (track == k360 && index == 0 && !died) {
      died = true;
      EXPECT_TRUE(listed_one.wait(stop));
      return Status(Code::device_lost, "worker 1 died of signal 9 (Killed)");
    }
    return Status();
  };
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 0));
  const auto calls = publisher_.calls();
  EXPECT_TRUE(calls.back().whole);
}

TEST_F(JobRunnerTest, APlaylistThatCannotBeWrittenFailsTheJob) {
  publisher_.adaptive_status = Status(Code::resource_exhausted, "abr/master.m3u8: No space left on device");
  Gate never;
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token stop) -> Status {
    if (track == k720 && index == 2 && !never.wait(stop)) return {Code::cancelled, "stopped"};
    return {};
  };
  EXPECT_EQ(run().status().code(), Code::resource_exhausted);
}

TEST_F(JobRunnerTest, APlanThatCannotBeStoredEndsTheJobBeforeTheFirstSegment) {
  observer_.status = Status(Code::resource_exhausted, "the store cannot be written");
  EXPECT_EQ(run().status().code(), Code::resource_exhausted);
  EXPECT_THAT(workers_.ranges(), IsEmpty());
}

// Damage is accepted, and nothing decodes.
TEST_F(JobRunnerTest, ASourceWithoutASegmentIsNotAskedForItsFirstOneForEver) {
  watched_early_ = true;
  workers_.segments = 0;
  std::stop_source enough;
  std::atomic<int> ranges{0};
  workers_.losses = [&](const std::string& track) {
    if (track != kSound && ++ranges == 10) enough.request_stop();
    return std::vector<std::string>();
  };
  const auto receipt = run(enough.get_token());
  EXPECT_EQ(receipt.status().code(), Code::internal);
  EXPECT_THAT(receipt.status().message(), HasSubstr("made no segment"));
}

TEST_F(JobRunnerTest, AWorkerThatBringsTooFewSegmentsIsNotBelieved) {
  workers_.segments = 0;
  EXPECT_EQ(run().status().code(), Code::internal);
}

}  // namespace
}  // namespace millrace::engine
