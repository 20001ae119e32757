#include "engine/schedule/growing_playlists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "engine/schedule/memory_ledger.h"
#include "tests/engine/schedule/fake_publisher.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

class GrowingPlaylistsTest : public testing::Test {
 protected:
  GrowingPlaylistsTest() {
    plan_.renditions.resize(1);
    plan_.renditions[0].folder = "abr/720p";
    plan_.subtitles.resize(1);
    plan_.subtitles[0].folder = "abr/subtitles-eng";
    plan_.outputs.resize(2);
    plan_.outputs[0].path = "abr";
    plan_.outputs[1].path = "web.mp4";
    plan_.outputs[1].type = PlannedOutput::Type::file;
    EXPECT_TRUE(make_directories(folder_.path() / "abr").ok());
    publisher_.heard = [this](const FakePublisher::Call& call) {
      const std::lock_guard lock(mutex_);
      listed_.clear();
      for (const FinishedSegment& each : call.segments) listed_.push_back(each.file);
      ++writes_;
      news_.notify_all();
    };
  }
  void start() {
    playlists_ = std::make_unique<GrowingPlaylists>(folder_.path(), plan_, publisher_, books_, control_,
                                                    std::chrono::milliseconds(0), [](const Status&) {});
  }
  void book(const std::string& track, std::int64_t index) {
    ASSERT_TRUE(books_.commit(new_segment(track, index)).ok());
    playlists_->look();
  }
  std::vector<std::string> wait_for_writes(int count) {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [&] { return writes_ >= count; });
    return listed_;
  }

  TemporaryFolder folder_;
  Plan plan_;
  FakePublisher publisher_;
  MemoryLedger ledger_;
  JobBooks books_{ledger_};
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<std::string> listed_;
  int writes_ = 0;
  RunControl control_;
  std::unique_ptr<GrowingPlaylists> playlists_;
};

TEST_F(GrowingPlaylistsTest, ListSegmentsUpToTheFirstGapAndSubtitlesOnceTheyAreThere) {
  start();
  book("abr/720p", 0);
  EXPECT_THAT(wait_for_writes(1), ElementsAre("abr/720p/00001.m4s"));
  book("abr/720p", 2);  // nothing to add
  book("abr/subtitles-eng", 0);
  EXPECT_THAT(wait_for_writes(2), ElementsAre("abr/720p/00001.m4s", "abr/subtitles-eng/00001.m4s"));
  for (const FakePublisher::Call& each : publisher_.calls()) EXPECT_EQ(each.output, "abr");
}

TEST_F(GrowingPlaylistsTest, WhatIsThereAtTheStartIsListedAtOnce) {
  ASSERT_TRUE(books_.commit(new_segment("abr/720p", 0)).ok());
  start();
  EXPECT_THAT(wait_for_writes(1), ElementsAre("abr/720p/00001.m4s"));
}

TEST_F(GrowingPlaylistsTest, ATrackThatIsMadeAgainLosesNoSegmentOnTheWay) {
  for (const std::int64_t index : {0, 1}) ASSERT_TRUE(books_.commit(new_segment("abr/720p", index)).ok());
  start();
  wait_for_writes(1);
  ASSERT_TRUE(books_.drop_from("abr/720p", 0).ok());
  book("abr/720p", 0);
  book("abr/subtitles-eng", 0);  // grows, but not to what was listed
  book("abr/720p", 1);
  EXPECT_THAT(wait_for_writes(2), Contains("abr/720p/00002.m4s"));
  for (const FakePublisher::Call& each : publisher_.calls())
    EXPECT_THAT(each.segments, Not(testing::SizeIs(1)));
}

}  // namespace
}  // namespace millrace::engine
