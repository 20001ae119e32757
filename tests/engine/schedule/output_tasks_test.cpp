// Outputs that are tasks of their own, in runs of whole jobs over plans made by hand.
#include "engine/schedule/output_tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/schedule/job_runner_fixture.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* kSubtitle = "abr/subtitles-eng";

PlannedOutput output_of(const std::string& name, PlannedOutput::Type type, const std::string& path) {
  PlannedOutput output;
  output.name = name;
  output.type = type;
  output.path = path;
  return output;
}

// An adaptive output of one rendition, a sound and a subtitle, a file that is joined from them, and every
// kind of output that is made alone.
class OutputTasksTest : public JobRunnerTest {
 protected:
  OutputTasksTest() {
    Plan plan;
    plan.source = small_source("file:///media/in.mov");
    PlannedRendition rendition;
    rendition.folder = k720;
    plan.renditions = {rendition};
    PlannedSound sound;
    sound.folder = kSound;
    plan.sounds = {sound};
    PlannedSubtitle subtitle;
    subtitle.folder = kSubtitle;
    plan.subtitles = {subtitle};
    PlannedOutput abr = output_of("abr", PlannedOutput::Type::adaptive, "abr");
    abr.renditions = {k720};
    abr.sounds = {kSound};
    abr.subtitles = {kSubtitle};
    PlannedOutput web = output_of("web", PlannedOutput::Type::file, "web.mp4");
    web.renditions = {k720};
    web.sounds = {kSound};
    PlannedOutput stills = output_of("stills", PlannedOutput::Type::thumbnails, "stills");
    stills.stills.at = {1.5, 10};
    plan.outputs = {abr,
                    web,
                    output_of("old", PlannedOutput::Type::file, "old.ogg"),
                    output_of("sound", PlannedOutput::Type::audio, "sound.m4a"),
                    stills,
                    output_of("scrub", PlannedOutput::Type::sprites, "scrub.jpg")};
    observer_.plan = plan;
  }
  std::string text(const std::string& file) const { return read_file(path(file)).value_or("(absent)"); }
};

TEST_F(OutputTasksTest, MakesSubtitlesThenWhatIsAloneThenJoinsFiles) {
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.made(),
              ElementsAre(kSubtitle, "old.ogg", "sound.m4a", "stills", "scrub.jpg", "web.mp4"));
  EXPECT_THAT(workers_.joined("web.mp4"), UnorderedElementsAre(Pair(k720, 3), Pair(kSound, 3)));
  EXPECT_THAT(workers_.joined("old.ogg"), IsEmpty());
  for (const char* file : {"abr/subtitles-eng/subtitles.vtt", "old.ogg", "sound.m4a", "stills/0001.jpg",
                           "stills/0002.jpg", "scrub.jpg", "scrub.vtt", "web.mp4"})
    EXPECT_EQ(text(file), "of output") << file;
  EXPECT_EQ(ledger_.ends()->at("stills"), 2);
  EXPECT_EQ(ledger_.ends()->at(kSubtitle), 1);
  // 2 s of pictures and sound, six tasks of outputs.
  EXPECT_EQ((*receipt)["cpu_seconds"], 2.0 + 6 * 0.25);
  EXPECT_EQ((*receipt)["segments"], 6 + 1 + 2 + 2 + 1 + 1 + 1);
}

TEST_F(OutputTasksTest, TellsTheProgressOfEachOutput) {
  ASSERT_TRUE(run().ok());
  std::map<std::string, double> before;
  for (const Progress& each : observer_.told)
    for (const OutputProgress& output : each.outputs) {
      EXPECT_GE(output.done, before[output.name]) << output.name;
      before[output.name] = output.done;
    }
  EXPECT_THAT(before, ElementsAre(Pair("abr", 1), Pair("old", 1), Pair("scrub", 1), Pair("sound", 1),
                                  Pair("stills", 1), Pair("web", 1)));
}

TEST_F(OutputTasksTest, PlaylistsNameASubtitleOnceItIsThere) {
  Gate listed;
  publisher_.heard = [&](const FakePublisher::Call& call) {
    for (const FinishedSegment& each : call.segments)
      if (!call.whole && each.track == kSubtitle) listed.open();
  };
  // The second picture segment waits for it.
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token stop) -> Status {
    if (track == k720 && index == 1 && !listed.wait(stop)) return {Code::cancelled, "stopped"};
    return {};
  };
  ASSERT_TRUE(run().ok());
  const auto calls = publisher_.calls();
  std::vector<std::string> last;
  for (const FinishedSegment& each : calls.back().segments)
    if (each.track == kSubtitle) last.push_back(each.file);
  EXPECT_THAT(last, ElementsAre("abr/subtitles-eng/subtitles.vtt"));
}

TEST_F(OutputTasksTest, WhatWasWholeWhenTheRunWasCutOffIsNotMadeAgain) {
  workers_.before = [](const std::string& track, std::int64_t index, std::stop_token) {
    return track == "stills" && index == 1 ? Status(Code::resource_exhausted, "the disk is full") : Status();
  };
  ASSERT_FALSE(run().ok());
  EXPECT_THAT(workers_.made(), ElementsAre(kSubtitle, "old.ogg", "sound.m4a", "stills"));
  ASSERT_THAT(booked("stills"), ElementsAre(0));
  const FileFacts old = facts("old.ogg");
  const FileFacts first = facts("stills/0001.jpg");
  const UniqueFd held = open_file("stills/0001.jpg");
  ASSERT_TRUE(write_file(path("stills/0002.jpg.tmp12.1"), "half").ok());
  ASSERT_TRUE(write_file(path("scrub.jpg.tmp12.1"), "half").ok());

  workers_.before = nullptr;
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.made(),
              ElementsAre(kSubtitle, "old.ogg", "sound.m4a", "stills", "stills", "scrub.jpg", "web.mp4"));
  EXPECT_EQ(facts("old.ogg"), old);
  EXPECT_NE(facts("stills/0001.jpg").inode, first.inode);  // its end was not noted
  EXPECT_FALSE(fs::exists(path("stills/0002.jpg.tmp12.1")));
  EXPECT_FALSE(fs::exists(path("scrub.jpg.tmp12.1")));
}

TEST_F(OutputTasksTest, AFileThatIsNotOnTheDiskIsMadeAgainAndNothingElseIs) {
  publisher_.receipt_status = Status(Code::internal, "equal grid does not hold");
  ASSERT_FALSE(run().ok());
  publisher_.receipt_status = {};
  ASSERT_TRUE(remove_tree(path("web.mp4")).ok());
  ASSERT_TRUE(write_file(path("stills/0002.jpg"), "short").ok());
  const std::size_t made = workers_.made().size();
  ASSERT_TRUE(run().ok());
  auto again = workers_.made();
  again.erase(again.begin(), again.begin() + static_cast<std::ptrdiff_t>(made));
  EXPECT_THAT(again, ElementsAre("stills", "web.mp4"));
  EXPECT_THAT(workers_.ranges(), ElementsAre(0));
  EXPECT_EQ(text("stills/0002.jpg"), "of output");
}

TEST_F(OutputTasksTest, ADeadWorkersOutputStartsOver) {
  die_once_before("stills", 1);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(std::ranges::count(workers_.made(), "stills"), 2);
  EXPECT_THAT(booked("stills"), ElementsAre(0, 1));
}

TEST_F(OutputTasksTest, AnOutputThatKillsEveryWorkerFailsTheJob) {
  workers_.before = [](const std::string& track, std::int64_t, std::stop_token) {
    return track == "web.mp4" ? died() : Status();
  };
  const auto receipt = run();
  EXPECT_EQ(receipt.status().code(), Code::device_lost);
  EXPECT_THAT(receipt.status().message(), HasSubstr("worker 7 died of signal 9"));
  EXPECT_EQ(std::ranges::count(workers_.made(), "web.mp4"), 3);
  EXPECT_FALSE(fs::exists(path("receipt.json")));
}

TEST_F(OutputTasksTest, AnOutputThatFailsStopsThePictures) {
  Gate never;
  workers_.before = [&](const std::string& track, std::int64_t index, std::stop_token stop) -> Status {
    if (track == k720 && index == 1 && !never.wait(stop)) return {Code::cancelled, "stopped"};
    if (track == "old.ogg") return {Code::corrupt_input, "at 4.000 s: damaged"};
    return {};
  };
  const auto receipt = run();
  EXPECT_EQ(receipt.status().code(), Code::corrupt_input);
  EXPECT_THAT(receipt.status().message(), HasSubstr("at 4.000 s"));
}

TEST_F(OutputTasksTest, AStopWhileAFileIsJoinedKeepsTheSegments) {
  std::stop_source stop;
  workers_.before = [&](const std::string& track, std::int64_t, std::stop_token) {
    if (track == "web.mp4") stop.request_stop();
    return Status();
  };
  EXPECT_EQ(run(stop.get_token()).status().code(), Code::cancelled);
  workers_.before = nullptr;
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0));
  EXPECT_EQ(std::ranges::count(workers_.made(), "old.ogg"), 1);
}

TEST_F(OutputTasksTest, AnotherSourceTakesTheOldFilesAway) {
  ASSERT_TRUE(run().ok());
  ASSERT_TRUE(write_file(path("old.ogg.tmp7.1"), "half").ok());
  // The new plan is the spec's; it has web.mp4 and no other file.
  workers_.see = [](Source& source) { source.size_bytes += 1; };
  workers_.before = [](const std::string&, std::int64_t, std::stop_token) {
    return Status(Code::resource_exhausted, "the disk is full");
  };
  ASSERT_FALSE(run().ok());
  EXPECT_FALSE(fs::exists(path("web.mp4")));
  EXPECT_FALSE(fs::exists(path("receipt.json")));
}

TEST_F(OutputTasksTest, AJobOfStillsAloneHasNoTracks) {
  observer_.plan->renditions.clear();
  observer_.plan->sounds.clear();
  observer_.plan->subtitles.clear();
  observer_.plan->outputs = {observer_.plan->outputs[4]};
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.made(), ElementsAre("stills"));
  EXPECT_THAT(workers_.ranges(), IsEmpty());
  EXPECT_EQ(observer_.told.back().done, 1);
}

TEST_F(OutputTasksTest, SoundAloneNeedsNoPictures) {
  observer_.plan->renditions.clear();
  observer_.plan->outputs[0].renditions.clear();
  observer_.plan->outputs[1].renditions.clear();
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.ranges(), IsEmpty());
  EXPECT_THAT(workers_.joined("web.mp4"), ElementsAre(Pair(kSound, 3)));
}

TEST_F(OutputTasksTest, ASoundWithoutASegmentEndsWellAndPicturesWithoutOneDoNot) {
  workers_.segments_of = [](const std::string& track) { return track == kSound ? 0 : 3; };
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(ledger_.ends()->at(kSound), 0);
  EXPECT_THAT(workers_.joined("web.mp4"), UnorderedElementsAre(Pair(k720, 3), Pair(kSound, 0)));
}

TEST_F(OutputTasksTest, WhatIsLostIsToldOfEveryTrackAndOfEveryAttempt) {
  observer_.plan->accept_damage = true;
  spec_ = R"({"input": {"url": "file:///media/in.mov"}, "on_damage": "accept",
              "outputs": [{"name": "abr", "type": "adaptive"}]})";
  int ranges = 0;
  workers_.losses = [&](const std::string& track) -> std::vector<std::string> {
    if (track == k720) return {++ranges == 1 ? "at 1.000 s: damaged" : "at 9.000 s: damaged"};
    if (track == "old.ogg") return {"at 1.000 s: damaged"};
    return {};
  };
  die_once_before(k720, 2);  // the first range never ends, but what it lost counts
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_TRUE(workers_.damage_accepted);
  EXPECT_EQ((*receipt)["lost"], nlohmann::ordered_json::parse(
                                    R"({"abr/720p": ["at 1.000 s: damaged", "at 9.000 s: damaged"],
                    "old.ogg": ["at 1.000 s: damaged"]})"));
}

TEST_F(OutputTasksTest, DamageIsNotAcceptedUnlessTheJobSaysSo) {
  ASSERT_TRUE(run().ok());
  EXPECT_FALSE(workers_.damage_accepted);
}

TEST_F(OutputTasksTest, AWorkerThatReportsAFileOfAnotherTrackIsNotBelieved) {
  workers_.wrong_track = "web.mp4";
  const auto receipt = run();
  EXPECT_EQ(receipt.status().code(), Code::internal);
  EXPECT_THAT(receipt.status().message(), HasSubstr("was not asked for its track"));
}

}  // namespace
}  // namespace millrace::engine
