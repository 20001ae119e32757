#include "engine/schedule/daemon.h"

#include "tests/engine/schedule/daemon_fixture.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(DaemonTest, AJobGoesFromItsSpecToItsReceipt) {
  start();
  const std::string id = submit();
  const Job job = await(id, JobState::completed);
  EXPECT_THAT(job.receipt, HasSubstr("segments"));
  EXPECT_THAT(job.plan, HasSubstr("abr/720p"));
  EXPECT_EQ(job.progress.done, 1);
  ASSERT_EQ(job.attempts.size(), 1U);
  EXPECT_EQ(job.attempts[0].outcome, "completed");
  EXPECT_GE(job.finished, job.started);
  const auto folder = jobs().folder(id);
  ASSERT_TRUE(folder.ok());
  EXPECT_TRUE(fs::exists(*folder / "receipt.json"));
  await_event(id, "completed");
  const auto types = event_types(id);
  EXPECT_EQ(types.front(), "queued");
  EXPECT_EQ(types[1], "started");
  EXPECT_THAT(types, Contains("plan"));
  EXPECT_EQ(std::count(types.begin(), types.end(), "segment"), 9);
  EXPECT_EQ(types.back(), "completed");
}

TEST_F(DaemonTest, TheEndOfTheDaemonQueuesWhatRunsAndTheNextOneGoesOn) {
  hold_at_segment_one();
  start();
  const std::string id = submit();
  reached_.wait();
  daemon_.reset();
  const ino_t first = inode(output(id) / "abr/720p/00001.m4s");
  {
    auto store = Store::open(config().data / "store");
    ASSERT_TRUE(store.ok());
    const auto job = (*store)->get(id);
    EXPECT_EQ(job->state, JobState::queued);
    EXPECT_EQ(job->attempts.back().outcome, "interrupted");
  }
  before_ = nullptr;
  start();
  const Job job = await(id, JobState::completed);
  EXPECT_THAT(workers_->ranges(), ElementsAre(1));
  EXPECT_EQ(job.attempts.size(), 2U);
  EXPECT_EQ(inode(output(id) / "abr/720p/00001.m4s"), first);
}

TEST_F(DaemonTest, AStageThatFailedOnACardIsLeftOutByLaterJobsAndDaemonsUntilTheDriverChanges) {
  gpus_ = test::recorded_machine("l4").gpus;
  backends_.nvidia = true;
  backends_.nvidia_encodes = {VideoCodec::h264};
  before_of_plan_ = [](const Plan& plan, std::int64_t index) {
    return plan.decode_device == kCpu || index == 0 || !plan.source.url.ends_with("in.mov")
               ? Status()
               : blamed_on(Stage::decode, {Code::device_lost, "decode on cuda:0: no pictures"});
  };
  start();
  const Job job = await(submit(), JobState::completed);
  EXPECT_EQ(workers_->places("in.mov").front(), "ggg");
  EXPECT_EQ(workers_->places("in.mov").back(), "cgg");
  ASSERT_EQ(job.attempts[0].retries.size(), 1U);
  EXPECT_EQ(job.attempts[0].retries[0].stage, "decode");
  EXPECT_THAT(job.receipt,
              HasSubstr("decodes on cpu instead of cuda:0, because decode on cuda:0: no pictures"));
  daemon_.reset();
  start();
  await(submit(), JobState::completed);
  EXPECT_THAT(workers_->places(), testing::Each("cgg"));
  const auto dry = jobs().plan(spec());
  ASSERT_TRUE(dry.ok()) << to_string(dry.status());
  EXPECT_EQ((*dry)["decode_device"], "cpu");
  EXPECT_THAT(dry->dump(), HasSubstr("NVIDIA L4 failed with such a source before: decode on cuda:0"));
  daemon_.reset();
  gpus_[0].driver = "590.1";
  start();
  EXPECT_EQ((*jobs().plan(spec()))["decode_device"], "cuda:0");
}

class KilledDaemonTest : public DaemonTest {
 protected:
  // What a SIGKILL leaves, and what becomes of it: a job in that state in the store, with a plan, segments
  // and an attempt that did not end, and nobody who runs it.
  Job go_on_from(JobState state, const std::string& waiting_for, const std::string& event) {
    hold_at_segment_one();
    start();
    const std::string id = submit();
    reached_.wait();
    daemon_.reset();
    {
      const auto store = Store::open(config().data / "store").value();
      Job job = store->get(id).value();
      job.state = state;
      job.waiting_for = waiting_for;
      job.attempts.push_back({1, 0, ""});
      EXPECT_TRUE(store->update(job, event, "{}").ok());
    }
    before_ = nullptr;
    start();
    return await(id, JobState::completed);
  }
};

TEST_F(KilledDaemonTest, AJobThatRanGoesOn) {
  const Job job = go_on_from(JobState::running, "", "started");
  ASSERT_EQ(job.attempts.size(), 3U);
  EXPECT_EQ(job.attempts[1].outcome, "interrupted");
  EXPECT_GT(job.attempts[1].ended, 0);
  EXPECT_THAT(workers_->ranges(), ElementsAre(1));
}

// A SIGKILL on the way to an edge.
TEST_F(KilledDaemonTest, AJobThatWasPausedForRoomGoesOn) {
  const Job job = go_on_from(JobState::paused, "disk: full", "paused");
  ASSERT_EQ(job.attempts.size(), 3U);
  EXPECT_EQ(job.attempts[1].outcome, "interrupted");
  EXPECT_THAT(workers_->ranges(), ElementsAre(1));
}

TEST_F(DaemonTest, AFolderOfNoJobIsRemovedAndAJobThatLostItsFolderFails) {
  hold_at_segment_one();
  start();
  const std::string id = submit();
  reached_.wait();
  daemon_.reset();
  ASSERT_TRUE(remove_tree(output(id)).ok());
  const std::string stranger = new_ulid();
  ASSERT_TRUE(make_directories(output(stranger)).ok());
  before_ = nullptr;
  start();
  EXPECT_FALSE(fs::exists(output(stranger)));
  const Job lost = await(id, JobState::failed);
  EXPECT_THAT(lost.error->message, AllOf(HasSubstr("folder"), HasSubstr("retry")));
  ASSERT_TRUE(jobs().retry(id).ok());
  await(id, JobState::completed);
  EXPECT_THAT(workers_->ranges(), ElementsAre(0, 0, 1));
}

TEST_F(DaemonTest, AJobWithADamagedRecordDoesNotKeepTheDaemonFromStarting) {
  start();
  const std::string id = submit();
  await(id, JobState::completed);
  daemon_.reset();
  {
    auto database = Database::open(config().data / "store", nullptr);
    ASSERT_TRUE(database.ok());
    rocksdb::WriteBatch batch;
    (*database)->put(batch, Family::jobs, id, "broken");
    (*database)->put(batch, Family::queue, std::string(1, '\x10') + id, "");
    (*database)->put(batch, Family::states, "queued/" + id, "");
    ASSERT_TRUE((*database)->write(batch).ok());
  }
  start();
  EXPECT_EQ(jobs().get(id).status().code(), Code::internal);
  const std::string sound = submit();
  await(sound, JobState::completed);
  EXPECT_TRUE(fs::exists(output(id)));
}

TEST_F(DaemonTest, ASecondDaemonOverTheSameDataIsRefusedAndStartsNoWorkers) {
  start();
  DaemonParts parts;
  parts.start_workers = []() -> Result<std::unique_ptr<WorkerPool>> {
    ADD_FAILURE() << "workers were started";
    return Status(Code::internal, "");
  };
  const auto second = Daemon::start(config(), std::move(parts));
  EXPECT_EQ(second.status().code(), Code::already_exists);
  EXPECT_THAT(second.status().message(), HasSubstr("another daemon holds this store"));
}

TEST_F(DaemonTest, WorkersThatCannotBeStartedEndTheStart) {
  DaemonParts parts;
  parts.start_workers = []() -> Result<std::unique_ptr<WorkerPool>> {
    return Status(Code::device_lost, "cannot run /usr/bin/millrace");
  };
  EXPECT_EQ(Daemon::start(config(), std::move(parts)).status().code(), Code::device_lost);
  start();  // and leave nothing behind
}

TEST_F(DaemonTest, ATaskThatWasGivenOutAgainStandsInItsAttemptAndIsAnEvent) {
  std::atomic<int> failures{0};
  before_ = [&](const std::string& track, std::int64_t index, std::stop_token) {
    return track == "abr/360p" && index == 1 && failures++ == 0
               ? Status(Code::io_error, "in.mov: Input/output error")
               : Status();
  };
  start();
  const std::string id = submit();
  const Job job = await(id, JobState::completed);
  ASSERT_EQ(job.attempts.size(), 1U);
  ASSERT_EQ(job.attempts[0].retries.size(), 1U);
  EXPECT_EQ(job.attempts[0].retries[0].task, "the pictures from segment 2");
  EXPECT_EQ(job.attempts[0].retries[0].code, Code::io_error);
  EXPECT_EQ(job.attempts[0].retries[0].wait_seconds, 1);
  EXPECT_EQ(job.attempts[0].outcome, "completed");
  EXPECT_THAT(event_types(id), Contains("retry"));
}

TEST_F(DaemonTest, FailuresTellNoPathOfTheServer) {
  before_ = [this](const std::string&, std::int64_t, std::stop_token) {
    return Status(Code::io_error,
                  (config().data / "jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/out/abr/x").native() + ": cannot write");
  };
  start();
  const Job job = await(submit(), JobState::failed);
  EXPECT_EQ(job.error->code, Code::io_error);
  EXPECT_EQ(job.error->message, "abr/x: cannot write");
  EXPECT_THAT(job.attempts[0].outcome, Not(HasSubstr(folder_.path().native())));
  ASSERT_FALSE(job.attempts[0].retries.empty());
  for (const Retry& each : job.attempts[0].retries) EXPECT_EQ(each.message, "abr/x: cannot write");
}

}  // namespace
}  // namespace millrace::engine
