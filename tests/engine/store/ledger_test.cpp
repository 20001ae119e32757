#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/store/rocks_store.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class LedgerTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    job_ = submitted();
  }
  void commit(const std::string& track, std::int64_t index) {
    const Status status = store_->commit_segment(job_.id, new_segment(track, index));
    ASSERT_TRUE(status.ok()) << to_string(status);
  }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    const auto segments = store_->segments(job_.id);
    EXPECT_TRUE(segments.ok()) << to_string(segments.status());
    for (const FinishedSegment& each : *segments) names.push_back(each.file);
    return names;
  }
  Job job_;
};

TEST_F(LedgerTest, KeepsEveryFieldOfASegmentOverAReopen) {
  FinishedSegment segment = new_segment("abr/audio", 7);
  segment.timescale = 48'000;
  segment.frames = 192'000;
  ASSERT_TRUE(store_->commit_segment(job_.id, segment).ok());
  reopen();
  const auto kept = store_->segments(job_.id);
  ASSERT_TRUE(kept.ok()) << to_string(kept.status());
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ(to_json(kept->front()).dump(), to_json(segment).dump());
}

TEST_F(LedgerTest, OrdersByTrackAndIndexAndReplacesWhatIsCommittedAgain) {
  for (const std::int64_t index : {10, 9, 0, 9}) commit("abr/720p", index);
  commit("abr/360p", 3);
  EXPECT_THAT(files(), ElementsAre("abr/360p/00004.m4s", "abr/720p/00001.m4s", "abr/720p/00010.m4s",
                                   "abr/720p/00011.m4s"));
}

TEST_F(LedgerTest, AnnouncesEachSegment) {
  const std::uint64_t before = store_->last_event();
  commit("abr/720p", 4);
  const auto events = store_->events_after(before, job_.id, 10);
  ASSERT_EQ(events->size(), 1U);
  EXPECT_EQ(events->front().type, "segment");
  EXPECT_THAT(events->front().data, HasSubstr(R"("file":"abr/720p/00005.m4s")"));
}

TEST_F(LedgerTest, ForgetsATrackFromAnIndexOn) {
  for (std::int64_t index = 0; index < 4; ++index) {
    commit("abr/720p", index);
    commit("abr/720p2", index);
  }
  ASSERT_TRUE(store_->note_end(job_.id, "abr/720p", 4).ok());
  ASSERT_TRUE(store_->note_end(job_.id, "abr/720p2", 4).ok());
  ASSERT_TRUE(store_->forget_segments(job_.id, "abr/720p", 1).ok());
  EXPECT_THAT(files(), ElementsAre("abr/720p/00001.m4s", "abr/720p2/00001.m4s", "abr/720p2/00002.m4s",
                                   "abr/720p2/00003.m4s", "abr/720p2/00004.m4s"));
  EXPECT_THAT(*store_->ended_tracks(job_.id), ElementsAre(Pair("abr/720p2", 4)));
}

TEST_F(LedgerTest, ForgetsAllTracks) {
  commit("abr/720p", 0);
  commit("abr/audio", 0);
  ASSERT_TRUE(store_->note_end(job_.id, "abr/audio", 1).ok());
  ASSERT_TRUE(store_->forget_segments(job_.id, "", 0).ok());
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(*store_->ended_tracks(job_.id), IsEmpty());
}

TEST_F(LedgerTest, KeepsTheEndOfATrackWithoutAnEvent) {
  const std::uint64_t before = store_->last_event();
  ASSERT_TRUE(store_->note_end(job_.id, "abr/audio", 12).ok());
  reopen();
  EXPECT_THAT(*store_->ended_tracks(job_.id), ElementsAre(Pair("abr/audio", 12)));
  EXPECT_EQ(store_->last_event(), before);
}

TEST_F(LedgerTest, KeepsWhatATrackLostUntilItIsMadeFromItsStart) {
  commit("abr/720p", 0);
  commit("abr/720p", 1);
  ASSERT_TRUE(store_->note_lost(job_.id, "abr/720p", {"at 1.000 s: damaged"}).ok());
  ASSERT_TRUE(store_->note_lost(job_.id, "abr/720p", {"at 1.000 s: damaged", "at 7.000 s: \xff"}).ok());
  ASSERT_TRUE(store_->note_lost(job_.id, "abr/audio", {"at 2.000 s: damaged"}).ok());
  reopen();
  ASSERT_TRUE(store_->forget_segments(job_.id, "abr/720p", 1).ok());  // goes on from there
  EXPECT_THAT(*store_->lost(job_.id),
              ElementsAre(Pair("abr/720p", ElementsAre("at 1.000 s: damaged", "at 7.000 s: \xEF\xBF\xBD")),
                          Pair("abr/audio", ElementsAre("at 2.000 s: damaged"))));
  EXPECT_THAT(files(), ElementsAre("abr/720p/00001.m4s"));
  ASSERT_TRUE(store_->forget_segments(job_.id, "abr/720p", 0).ok());
  EXPECT_THAT(*store_->lost(job_.id), ElementsAre(Pair("abr/audio", ElementsAre("at 2.000 s: damaged"))));
  ASSERT_TRUE(store_->forget_segments(job_.id, "", 0).ok());
  EXPECT_THAT(*store_->lost(job_.id), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
