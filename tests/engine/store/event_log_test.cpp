#include "engine/store/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using EventLogTest = StoreTest;

std::vector<std::uint64_t> numbers_of(const Result<std::vector<Event>>& events) {
  std::vector<std::uint64_t> numbers;
  EXPECT_TRUE(events.ok()) << to_string(events.status());
  if (events.ok())
    for (const Event& each : *events) numbers.push_back(each.number);
  return numbers;
}

TEST_F(EventLogTest, ReplaysAfterANumberOldestFirst) {
  const Job a = submitted();                                          // 1
  const Job b = submitted();                                          // 2
  ASSERT_TRUE(store_->announce(a.id, "progress", "{\"x\":1}").ok());  // 3
  EXPECT_EQ(store_->last_event(), 3U);
  EXPECT_THAT(numbers_of(store_->events_after(0, "", 10)), ElementsAre(1, 2, 3));
  EXPECT_THAT(numbers_of(store_->events_after(1, "", 1)), ElementsAre(2));
  EXPECT_THAT(numbers_of(store_->events_after(0, a.id, 10)), ElementsAre(1, 3));
  EXPECT_THAT(numbers_of(store_->events_after(1, a.id, 10)), ElementsAre(3));
  EXPECT_THAT(numbers_of(store_->events_after(3, "", 10)), IsEmpty());
  EXPECT_THAT(numbers_of(store_->events_after(99, b.id, 10)), IsEmpty());
  const Event event = store_->events_after(2, "", 10)->front();
  EXPECT_EQ(event.job_id, a.id);
  EXPECT_EQ(event.type, "progress");
  EXPECT_EQ(event.data, "{\"x\":1}");
}

TEST_F(EventLogTest, KnowsTheNewestOfAJob) {
  const Job a = submitted();                                   // 1
  const Job b = submitted();                                   // 2
  ASSERT_TRUE(store_->announce(a.id, "progress", "{}").ok());  // 3
  EXPECT_EQ(store_->newest_event_of(a.id).value(), 3U);
  EXPECT_EQ(store_->newest_event_of(b.id).value(), 2U);
  EXPECT_EQ(store_->newest_event_of(new_job().id).value(), 0U);
  EXPECT_EQ(store_->newest_event_of("no id").status().code(), Code::not_found);
}

TEST_F(EventLogTest, DataMayHaveLines) {
  const Job job = submitted();
  ASSERT_TRUE(store_->announce(job.id, "progress", "a\nb\n\nc").ok());
  EXPECT_EQ(store_->events_after(1, "", 10)->front().data, "a\nb\n\nc");
}

TEST_F(EventLogTest, CountsOnAfterAReopen) {
  submitted();
  submitted();
  reopen();
  EXPECT_EQ(store_->last_event(), 2U);
  submitted();
  EXPECT_THAT(numbers_of(store_->events_after(0, "", 10)), ElementsAre(1, 2, 3));
}

TEST_F(EventLogTest, NumbersAreNotUsedAgainAfterAJobWasErased) {
  Job job = submitted();
  ASSERT_TRUE(move_to(job, JobState::cancelled).ok());
  ASSERT_TRUE(store_->erase(job.id).ok());
  EXPECT_EQ(store_->last_event(), 3U);
  reopen();
  EXPECT_EQ(store_->last_event(), 3U);
  EXPECT_THAT(numbers_of(store_->events_after(0, "", 10)), ElementsAre(3));
}

TEST_F(EventLogTest, TellsTheListenerBeforeTheCallReturns) {
  std::vector<std::string> heard;
  store_->set_listener([&](const Event& event) { heard.push_back(event.type); });
  Job job = submitted();
  EXPECT_THAT(heard, ElementsAre("queued"));
  ASSERT_TRUE(move_to(job, JobState::running).ok());
  ASSERT_TRUE(store_->commit_segment(job.id, new_segment("a", 0)).ok());
  EXPECT_THAT(heard, ElementsAre("queued", "running", "segment"));
  store_->set_listener({});
  submitted();
  EXPECT_EQ(heard.size(), 3U);
}

class PruningTest : public StoreTest {
 protected:
  void SetUp() override {
    options_.events_kept = 10;
    StoreTest::SetUp();
  }
};

TEST_F(PruningTest, KeepsTheYoungestEventsOfAll) {
  const Job job = submitted();
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(store_->announce(job.id, "progress", "{}").ok());
  EXPECT_THAT(numbers_of(store_->events_after(0, "", 100)),
              ElementsAre(32, 33, 34, 35, 36, 37, 38, 39, 40, 41));
  EXPECT_EQ(numbers_of(store_->events_after(0, job.id, 100)), numbers_of(store_->events_after(0, "", 100)));
  reopen();
  ASSERT_TRUE(store_->announce(job.id, "progress", "{}").ok());
  EXPECT_EQ(numbers_of(store_->events_after(0, "", 100)).front(), 33U);
}

}  // namespace
}  // namespace millrace::engine
