#include "engine/schedule/job_attempts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/schedule/fake_publisher.h"
#include "tests/engine/schedule/fake_workers.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

class JobAttemptsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_TRUE(make_directories(data() / "media").ok());
    ASSERT_TRUE(write_file(data() / "media/in.mov", "media").ok());
    records_ = std::make_unique<JobRecords>(*store_);
    parts_.reset(new AttemptParts{*store_, *records_, folders_, policy_, words_, workers_,
                                  [] { return std::make_shared<const hw::Inventory>(); }, publisher_, room_});
    parts_->wait = [](std::chrono::milliseconds, const std::stop_token&) {};
    attempts_ = std::make_unique<JobAttempts>(*parts_);
  }
  Job queued() {
    Job job = new_job();
    job.spec = R"({"input": {"url": "file://)" + (data() / "media/in.mov").native() +
               R"("}, "outputs": [{"name": "abr", "type": "adaptive", "ladder": [{"height": 360}]}]})";
    EXPECT_TRUE(store_->submit(job, "", "").ok());
    return job;
  }
  fs::path data() const { return folder_.path() / "data"; }

  JobFolders folders_{data()};
  InputPolicy policy_{{data() / "media"}};
  ClientWords words_{data(), "/usr/bin/millrace"};
  FakeWorkers workers_;
  FakePublisher publisher_;
  RoomLedger room_{{[] { return Result<std::int64_t>(10'000'000'000); }, 0, 0}};
  std::unique_ptr<JobRecords> records_;
  std::unique_ptr<AttemptParts> parts_;
  std::unique_ptr<JobAttempts> attempts_;
  RunControl control_;
};

TEST_F(JobAttemptsTest, RunsAQueuedJobToItsReceipt) {
  const std::string id = queued().id;
  ASSERT_TRUE(attempts_->run(id, 2, control_).ok());
  EXPECT_EQ(store_->get(id)->state, JobState::completed);
  EXPECT_TRUE(fs::exists(folders_.output(id) / "receipt.json"));
}

// Its run was waiting for the devices meanwhile.
TEST_F(JobAttemptsTest, APauseThatWasTakenBackBeforeTheRunBeganPutsTheJobBackIntoTheQueue) {
  const std::string id = queued().id;
  control_.pause();
  ASSERT_TRUE(attempts_->run(id, 2, control_).ok());
  const Job job = *store_->get(id);
  EXPECT_EQ(job.state, JobState::queued);
  EXPECT_FALSE(job.error.has_value());
  ASSERT_EQ(job.attempts.size(), 1U);
  EXPECT_EQ(job.attempts[0].outcome, "interrupted");
  EXPECT_FALSE(fs::exists(folders_.bundle(id)));
  RunControl next;
  ASSERT_TRUE(attempts_->run(id, 2, next).ok());
  EXPECT_EQ(store_->get(id)->state, JobState::completed);
}

// Who cancels a job that has a run leaves its files to that run.
TEST_F(JobAttemptsTest, AJobCancelledBeforeItsRunBeganShowsNothingOfTheAttemptBefore) {
  Job job = queued();
  ASSERT_TRUE(folders_.make(job.id).ok());
  ASSERT_TRUE(make_directories(folders_.output(job.id) / "abr/360p").ok());
  ASSERT_TRUE(write_file(folders_.output(job.id) / "abr/master.m3u8", "of an attempt before").ok());
  ASSERT_TRUE(write_file(folders_.output(job.id) / "abr/360p/00001.m4s", "segment").ok());
  ASSERT_TRUE(move_to(job, JobState::cancelled).ok());
  control_.stop();
  ASSERT_TRUE(attempts_->run(job.id, 2, control_).ok());
  EXPECT_EQ(store_->get(job.id)->state, JobState::cancelled);
  EXPECT_FALSE(fs::exists(folders_.output(job.id) / "abr/master.m3u8"));
  EXPECT_TRUE(fs::exists(folders_.output(job.id) / "abr/360p/00001.m4s")) << "a retry goes on from it";
}

}  // namespace
}  // namespace millrace::engine
