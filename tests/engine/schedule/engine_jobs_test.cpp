#include "engine/schedule/engine_jobs.h"

#include "tests/engine/schedule/daemon_fixture.h"
#include "tests/engine/store/filling_disk.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using EngineJobsTest = DaemonTest;

TEST_F(EngineJobsTest, RefusesABrokenSpecAndAnInputOutsideTheMediaRoots) {
  start();
  EXPECT_EQ(jobs().submit("{", "").status().code(), Code::invalid_argument);
  const auto outside = jobs().submit(
      R"({"input": {"url": "file:///etc/passwd"}, "outputs": [{"name": "abr", "type": "adaptive"}]})", "");
  EXPECT_EQ(outside.status().code(), Code::invalid_argument);
  EXPECT_EQ(outside.status().field(), "input.url");
  EXPECT_EQ(jobs().list({})->jobs.size(), 0U);
}

TEST_F(EngineJobsTest, AnIdempotencyKeyMakesOneJob) {
  start();
  const auto first = jobs().submit(spec(), "key");
  const auto again = jobs().submit(spec(), "key");
  EXPECT_TRUE(first->created);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->job.id, first->job.id);
  EXPECT_EQ(jobs().submit(spec() + " ", "key").status().code(), Code::already_exists);
  EXPECT_EQ(jobs().list({})->jobs.size(), 1U);
}

TEST_F(EngineJobsTest, KeepsTagsAndPriority) {
  hold_at_segment_one();
  start();
  std::string text = spec();
  text.insert(1, R"("priority": 80, "tags": {"show": "x"}, )");
  const auto submitted = jobs().submit(text, "");
  ASSERT_TRUE(submitted.ok()) << to_string(submitted.status());
  EXPECT_EQ(submitted->job.priority, 80);
  JobFilter filter;
  filter.tag = "show=x";
  EXPECT_EQ(jobs().list(filter)->jobs.size(), 1U);
}

TEST_F(EngineJobsTest, CancelsARunningJobAndTakesItsFilesOffShow) {
  hold_at_segment_one();
  start();
  const std::string id = submit();
  reached_.wait();
  EXPECT_TRUE(jobs().folder(id).ok());
  const auto cancelled = jobs().cancel(id);
  ASSERT_TRUE(cancelled.ok()) << to_string(cancelled.status());
  EXPECT_EQ(cancelled->state, JobState::cancelled);
  EXPECT_EQ(jobs().folder(id).status().code(), Code::not_found);
  EXPECT_EQ(jobs().cancel(id).status().code(), Code::invalid_argument);
  EXPECT_THAT(jobs().cancel(id).status().message(), HasSubstr("cancelled"));
  ASSERT_TRUE(jobs().erase(id).ok());  // waits for the run
  EXPECT_FALSE(fs::exists(output(id).parent_path()));
  EXPECT_EQ(jobs().get(id).status().code(), Code::not_found);
}

TEST_F(EngineJobsTest, CancelsAQueuedJobWhichThenDoesNotRun) {
  hold_at_segment_one();
  start();
  const std::string first = submit();
  reached_.wait();
  const std::string second = submit();  // no core is free
  ASSERT_TRUE(jobs().cancel(second).ok());
  go_on_.open();
  await(first, JobState::completed);
  const std::string third = submit();
  await(third, JobState::completed);
  EXPECT_THAT(event_types(second), ElementsAre("queued", "cancelled"));
}

TEST_F(EngineJobsTest, ACancelledJobIsRetriedFromItsSegments) {
  hold_at_segment_one();
  start();
  const std::string id = submit();
  reached_.wait();
  ASSERT_TRUE(jobs().cancel(id).ok());
  const ino_t first = inode(output(id) / "abr/720p/00001.m4s");
  go_on_.open();
  const auto retried = jobs().retry(id);
  ASSERT_TRUE(retried.ok()) << to_string(retried.status());
  EXPECT_EQ(retried->finished, 0);
  const Job job = await(id, JobState::completed);
  EXPECT_THAT(workers_->ranges(), ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(inode(output(id) / "abr/720p/00001.m4s"), first);
  EXPECT_EQ(job.attempts.size(), 2U);
}

TEST_F(EngineJobsTest, AFailedJobShowsItsErrorAndNoFilesAndGoesOnWhenItIsRetried) {
  std::atomic<bool> broken{true};
  before_ = [&](const std::string& track, std::int64_t index, std::stop_token) {
    return broken && track == "abr/360p" && index == 2 ? Status(Code::corrupt_input, "at 8.000 s: damaged")
                                                       : Status();
  };
  start();
  const std::string id = submit();
  const Job failed = await(id, JobState::failed);
  EXPECT_EQ(failed.error->code, Code::corrupt_input);
  EXPECT_EQ(failed.error->message, "at 8.000 s: damaged");
  EXPECT_EQ(failed.attempts[0].outcome, "failed: at 8.000 s: damaged");
  EXPECT_EQ(jobs().folder(id).status().code(), Code::not_found);
  EXPECT_FALSE(fs::exists(output(id) / "abr/master.m3u8"));
  EXPECT_TRUE(fs::exists(output(id) / "abr/360p/00002.m4s"));
  broken = false;
  ASSERT_TRUE(jobs().retry(id).ok());
  const Job job = await(id, JobState::completed);
  EXPECT_FALSE(job.error.has_value());
  EXPECT_THAT(workers_->ranges(), ElementsAre(0, 0, 1, 2));
  EXPECT_EQ(jobs().retry(id).status().code(), Code::invalid_argument);
}

TEST_F(EngineJobsTest, APausedJobKeepsItsSegmentsAndGoesOnWhenItIsResumed) {
  hold_at_segment_one();
  start();
  const std::string id = submit();
  reached_.wait();
  const auto paused = jobs().pause(id);
  ASSERT_TRUE(paused.ok()) << to_string(paused.status());
  EXPECT_EQ(paused->state, JobState::paused);
  EXPECT_EQ(jobs().pause(id).status().code(), Code::invalid_argument);
  EXPECT_TRUE(jobs().folder(id).ok());
  const ino_t first = inode(output(id) / "abr/720p/00001.m4s");
  go_on_.open();
  EXPECT_EQ(jobs().get(id)->state, JobState::paused);
  ASSERT_TRUE(jobs().resume(id).ok());
  const Job job = await(id, JobState::completed);
  EXPECT_EQ(job.attempts.size(), 2U);
  EXPECT_EQ(job.attempts[0].ended > 0, true);
  // The segment that was under way was finished, and none is made twice.
  EXPECT_THAT(workers_->ranges(), ElementsAre(0, 0, 1, 2));
  EXPECT_EQ(inode(output(id) / "abr/720p/00001.m4s"), first);
  EXPECT_EQ(jobs().resume(id).status().code(), Code::invalid_argument);
}

TEST_F(EngineJobsTest, AQueuedJobIsPausedAtOnce) {
  hold_at_segment_one();
  start();
  submit();
  reached_.wait();
  const std::string waiting = submit();
  ASSERT_TRUE(jobs().pause(waiting).ok());
  EXPECT_EQ(jobs().folder(waiting).status().code(), Code::not_found);  // none yet
  ASSERT_TRUE(jobs().resume(waiting).ok());
  go_on_.open();
  await(waiting, JobState::completed);
}

TEST_F(EngineJobsTest, DeletesFinishedJobsOnly) {
  hold_at_segment_one();
  start();
  const std::string id = submit();
  reached_.wait();
  EXPECT_EQ(jobs().erase(id).code(), Code::invalid_argument);
  go_on_.open();
  await(id, JobState::completed);
  ASSERT_TRUE(jobs().erase(id).ok());
  EXPECT_FALSE(fs::exists(output(id).parent_path()));
  EXPECT_EQ(jobs().erase(id).code(), Code::not_found);
}

TEST_F(EngineJobsTest, PlansAndInspectsWithoutRunning) {
  start();
  const auto plan = jobs().plan(spec());
  ASSERT_TRUE(plan.ok()) << to_string(plan.status());
  EXPECT_TRUE(plan_from_json(*plan).ok());
  JobSpec input;
  input.input_url = url();
  const auto source = jobs().inspect(input);
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_EQ(source->at("duration_seconds"), 12);
  input.input_url = "file:///etc/passwd";
  EXPECT_EQ(jobs().inspect(input).status().field(), "input.url");
  input.slides.emplace().slides.emplace_back().image = "file:///etc/passwd";
  EXPECT_EQ(jobs().inspect(input).status().field(), "input.slides[0].image");
  EXPECT_EQ(jobs().list({})->jobs.size(), 0U);
}

TEST_F(EngineJobsTest, IsReadyWhileDiskAndWorkersAre) {
  start();
  EXPECT_TRUE(jobs().ready().ok()) << to_string(jobs().ready());
  free_bytes_ = 120'000'000;
  EXPECT_EQ(jobs().ready().code(), Code::resource_exhausted);
  EXPECT_THAT(jobs().ready().message(), AllOf(HasSubstr("120 MB"), Not(HasSubstr(folder_.path().native()))));
  free_bytes_ = 1'000'000'000;
  workers_->alive = false;
  EXPECT_EQ(jobs().ready().code(), Code::device_lost);
}

TEST_F(EngineJobsTest, ShowsTheHardware) {
  start();
  EXPECT_TRUE(jobs().hardware().contains("cpu"));
}

// The service over a store whose disk is full when the test says so, and runs that last until it lets them
// end.
class EngineJobsOnAFullDiskTest : public StoreTest {
 protected:
  void SetUp() override {
    options_.env = disk_.env.get();
    StoreTest::SetUp();
    records_ = std::make_unique<JobRecords>(*store_);
    scheduler_ = std::make_unique<Scheduler>(*store_, SchedulerSettings{},
                                             [this](const std::string& id, int, RunControl& control) {
                                               Job job = *store_->get(id);
                                               const Status moved = move_to(job, JobState::running);
                                               control_ = &control;
                                               reached_.open();
                                               go_on_.wait(control.stopped());
                                               return moved;
                                             });
    jobs_.reset(new EngineJobs({*store_,
                                *records_,
                                folders_,
                                policy_,
                                words_,
                                workers_,
                                [] { return std::make_shared<const hw::Inventory>(); },
                                *scheduler_,
                                fan_,
                                1,
                                {},
                                {}}));
  }
  void TearDown() override {
    disk_.files->full = false;
    go_on_.open();
    scheduler_.reset();
    jobs_.reset();
    records_.reset();
    store_.reset();  // before the disk it lies on
  }

  FillingDisk disk_;
  JobFolders folders_{folder_.path() / "data"};
  InputPolicy policy_{{folder_.path() / "media"}};
  ClientWords words_{folder_.path() / "data", "/usr/bin/millrace"};
  FakeWorkers workers_;
  EventFan fan_;
  Gate reached_;
  Gate go_on_;
  RunControl* control_ = nullptr;
  std::unique_ptr<JobRecords> records_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<EngineJobs> jobs_;
};

TEST_F(EngineJobsOnAFullDiskTest, ARunThatLeavesOutWhatCouldNotBeCancelledIsStoppedForTheNextToMakeIt) {
  Job job = new_job();
  job.spec = R"({"input": {"url": "file:///in.mov"}, "outputs": [
    {"name": "abr", "type": "adaptive"}, {"name": "web", "type": "file", "video": {"height": 480}}]})";
  ASSERT_TRUE(store_->submit(job, "", "").ok());
  scheduler_->wake();
  reached_.wait();
  disk_.files->full = true;
  EXPECT_EQ(jobs_->cancel_output(job.id, "web").status().code(), Code::resource_exhausted);
  EXPECT_TRUE(control_->stopped().stop_requested());
}

}  // namespace
}  // namespace millrace::engine
