#include "engine/schedule/job_books.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/schedule/memory_ledger.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class JobBooksTest : public testing::Test {
 protected:
  void commit(const std::string& track, std::int64_t index) {
    ASSERT_TRUE(books_.commit(new_segment(track, index)).ok());
  }
  static TaskEnd end_at(std::int64_t segment) {
    TaskEnd end;
    end.end_segment = segment;
    end.cpu_seconds = 1.5;
    end.peak_memory_bytes = 100;
    return end;
  }
  MemoryLedger ledger_;
  JobBooks books_{ledger_};
};

TEST_F(JobBooksTest, TakesOverWhatTheLedgerHas) {
  commit("a", 0);
  commit("a", 1);
  ASSERT_TRUE(books_.note_end("a", 2).ok());
  ASSERT_TRUE(books_.note_lost({"a"}, {"at 1.000 s: damaged"}).ok());
  JobBooks later(ledger_);
  EXPECT_FALSE(later.all_whole({"a"}));
  ASSERT_TRUE(later.open().ok());
  EXPECT_TRUE(later.all_whole({"a"}));
  EXPECT_FALSE(later.all_whole({"a", "b"}));
  EXPECT_THAT(later.lost(), ElementsAre(Pair("a", ElementsAre("at 1.000 s: damaged"))));
}

TEST_F(JobBooksTest, WhatIsDroppedLeavesTheLedgerToo) {
  for (const std::int64_t index : {0, 1, 2}) commit("a", index);
  ASSERT_TRUE(books_.drop_from("a", 1).ok());
  EXPECT_EQ(books_.unbroken("a"), 1);
  EXPECT_THAT(*ledger_.segments(), SizeIs(1));
  ASSERT_TRUE(books_.empty().ok());
  EXPECT_THAT(books_.segments(), IsEmpty());
  EXPECT_THAT(*ledger_.segments(), IsEmpty());
}

TEST_F(JobBooksTest, ATaskMustHaveBroughtWhatItSays) {
  commit("a", 0);
  commit("b", 0);
  commit("b", 1);
  EXPECT_TRUE(books_.settle({"a"}, end_at(1)).ok());
  const Status status = books_.settle({"b", "a"}, end_at(2));
  EXPECT_EQ(status.code(), Code::internal);
  EXPECT_THAT(status.message(), HasSubstr("a: 1 of 2 segments were booked"));
  EXPECT_EQ(books_.usage().cpu_seconds, 3.0);
  EXPECT_EQ(books_.usage().peak_memory_bytes, 100);
}

TEST_F(JobBooksTest, EachSentenceOfATrackCountsOnceUpToAHundred) {
  ASSERT_TRUE(books_.note_lost({"a", "b"}, {"one", "two"}).ok());
  ASSERT_TRUE(books_.note_lost({"a"}, {"two", "three"}).ok());
  EXPECT_THAT(books_.lost(), ElementsAre(Pair("a", ElementsAre("one", "two", "three")),
                                         Pair("b", ElementsAre("one", "two"))));
  EXPECT_EQ(*ledger_.lost(), books_.lost());
  std::vector<std::string> many;
  for (int i = 0; i < 200; ++i) many.push_back(std::to_string(i));
  ASSERT_TRUE(books_.note_lost({"c"}, many).ok());
  EXPECT_THAT(books_.lost().at("c"), SizeIs(100));
}

TEST_F(JobBooksTest, GivesTheSegmentsBeforeTheFirstGap) {
  for (const std::int64_t index : {0, 1, 3}) commit("a", index);
  const auto tracks = books_.from_start({"b", "a"});
  EXPECT_THAT(tracks, ElementsAre(IsEmpty(), SizeIs(2)));
}

}  // namespace
}  // namespace millrace::engine
