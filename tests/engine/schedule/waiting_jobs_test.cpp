#include "engine/schedule/waiting_jobs.h"

#include <gmock/gmock.h>

#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

class WaitingJobsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    records_ = std::make_unique<JobRecords>(*store_);
    waiting_ = std::make_unique<WaitingJobs>(
        WaitingParts{*store_, *records_, room_, std::chrono::milliseconds(1'000), [this] { return now_; }});
  }
  // A job that found no room for so many bytes at the time 100'000.
  std::string paused(std::int64_t lacking, const std::string& reason = "disk: full", int priority = 50) {
    Job job = submitted(priority);
    EXPECT_FALSE(room_.reserve(job.id, {lacking, 0}).ok());
    job.state = JobState::paused;
    job.waiting_for = reason;
    job.attempts = {{99'000, 100'000, "waiting: disk: full"}};
    EXPECT_TRUE(store_->update(job, "paused", "{}").ok());
    return job.id;
  }
  JobState state(const std::string& id) { return store_->get(id)->state; }

  std::int64_t free_ = 0;
  std::int64_t now_ = 200'000;
  RoomLedger room_{{[this] { return Result<std::int64_t>(free_); }, 100, 0}};
  std::unique_ptr<JobRecords> records_;
  std::unique_ptr<WaitingJobs> waiting_;
};

TEST_F(WaitingJobsTest, GoOnOnceThereIsRoom) {
  const std::string id = paused(1'000);
  EXPECT_TRUE(waiting_->look());
  EXPECT_EQ(state(id), JobState::paused);
  free_ = 1'100;
  EXPECT_FALSE(waiting_->look());
  EXPECT_EQ(state(id), JobState::queued);
  EXPECT_EQ(store_->get(id)->waiting_for, "");
  EXPECT_FALSE(room_.reserve("another", {1, 0}).ok()) << "the room is promised";
}

TEST_F(WaitingJobsTest, TheFirstOfTheQueueGetsTheRoomAndOneThatFitsAsWell) {
  const std::string later = paused(1'000, "disk: full", 50);
  const std::string first = paused(1'000, "disk: full", 90);
  const std::string small = paused(150, "disk: full", 10);
  free_ = 1'300;
  EXPECT_TRUE(waiting_->look());
  EXPECT_EQ(state(first), JobState::queued);
  EXPECT_EQ(state(later), JobState::paused);
  EXPECT_EQ(state(small), JobState::queued);
}

TEST_F(WaitingJobsTest, RestBetweenTwoAttempts) {
  const std::string id = paused(1'000);
  free_ = 10'000;
  now_ = 100'999;
  EXPECT_TRUE(waiting_->look());
  EXPECT_EQ(state(id), JobState::paused);
  now_ = 101'000;
  waiting_->look();
  EXPECT_EQ(state(id), JobState::queued);
}

TEST_F(WaitingJobsTest, AClockThatIsSetBackHoldsNobody) {
  const std::string id = paused(1'000);
  free_ = 10'000;
  now_ = 50'000;
  waiting_->look();
  EXPECT_EQ(state(id), JobState::queued);
}

TEST_F(WaitingJobsTest, AJobThatAPersonPausedWaitsForThatPerson) {
  const std::string id = paused(1'000, "");
  free_ = 10'000;
  EXPECT_FALSE(waiting_->look());
  EXPECT_EQ(state(id), JobState::paused);
}

TEST_F(WaitingJobsTest, ARunThatIsYetToEndIsNotLetGo) {
  const std::string id = paused(1'000);
  Job job = *store_->get(id);
  job.attempts.back().ended = 0;
  ASSERT_TRUE(store_->update(job, "", "").ok());
  free_ = 10'000;
  EXPECT_TRUE(waiting_->look());
  EXPECT_EQ(state(id), JobState::paused);
}

TEST_F(WaitingJobsTest, APromiseEndsWithItsJob) {
  const std::string id = paused(1'000);
  free_ = 1'100;
  waiting_->look();
  Job job = *store_->get(id);
  ASSERT_TRUE(move_to(job, JobState::cancelled).ok());
  waiting_->look();
  EXPECT_TRUE(room_.reserve("another", {1'000, 0}).ok());
}

TEST_F(WaitingJobsTest, JobsThatAreCancelledOrDeletedAreNotRemembered) {
  const std::string waits = paused(1'000);
  Job cancelled = *store_->get(paused(2'000));
  ASSERT_TRUE(move_to(cancelled, JobState::cancelled).ok());
  Job deleted = *store_->get(paused(3'000));
  ASSERT_TRUE(move_to(deleted, JobState::cancelled).ok());
  ASSERT_TRUE(store_->erase(deleted.id).ok());
  ASSERT_EQ(room_.lacking().size(), 3U);
  waiting_->look();
  EXPECT_THAT(room_.lacking(), ElementsAre(waits));
}

TEST_F(WaitingJobsTest, ARunThatFoundNoRoomAgainBetweenTwoLooksWaitsForWhatItLacks) {
  const std::string id = paused(1'000);
  free_ = 1'100;
  waiting_->look();
  Job job = *store_->get(id);
  ASSERT_EQ(job.state, JobState::queued);
  ASSERT_TRUE(move_to(job, JobState::running).ok());
  ASSERT_FALSE(room_.reserve(id, {5'000, 0}).ok());
  room_.release(id, true);
  job.waiting_for = "disk: full";
  job.attempts.push_back({now_, now_, "waiting: disk: full"});
  ASSERT_TRUE(move_to(job, JobState::paused).ok());
  now_ += 1'000;
  EXPECT_TRUE(waiting_->look());
  EXPECT_EQ(state(id), JobState::paused) << "1'000 are not what it lacked";
  free_ = 5'100;
  waiting_->look();
  EXPECT_EQ(state(id), JobState::queued);
}

TEST_F(WaitingJobsTest, ANearlyFullDiskPausesWhatRunsWithTheReason) {
  Job running = submitted();
  running.attempts = {{1, 0, ""}};
  ASSERT_TRUE(move_to(running, JobState::running).ok());
  const std::string queued = submitted().id;
  std::vector<std::string> asked;
  const auto ask = [&](const std::string& id) { asked.push_back(id); };
  free_ = 50;
  waiting_->spare_disk(ask);
  EXPECT_THAT(asked, ElementsAre());
  free_ = 49;
  waiting_->spare_disk(ask);
  EXPECT_THAT(asked, ElementsAre(running.id));
  EXPECT_EQ(state(running.id), JobState::paused);
  EXPECT_THAT(store_->get(running.id)->waiting_for, testing::HasSubstr("disk: "));
  EXPECT_EQ(state(queued), JobState::queued);
}

}  // namespace
}  // namespace millrace::engine
