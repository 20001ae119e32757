// Every action on a job in every state, and what a lack of room does to jobs.
#include <gmock/gmock.h>

#include <map>

#include "tests/engine/schedule/daemon_fixture.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using S = JobState;

constexpr S kAll[] = {S::queued, S::running, S::paused, S::completed, S::failed, S::cancelled};

class JobStatesTest : public DaemonTest {
 protected:
  // A job in that state, which stays in it: all cores are taken by a job that does not end.
  std::string job_in(S state) {
    Job job = new_job();
    job.spec = two_outputs();
    EXPECT_TRUE(daemon_->store().submit(job, "", "").ok());
    for (const S each : way_to(state)) {
      job.state = each;
      EXPECT_TRUE(daemon_->store().update(job, "moved", "{}").ok());
    }
    return job.id;
  }
  static std::vector<S> way_to(S state) {
    switch (state) {
      case S::queued:
        return {};
      case S::paused:
      case S::failed:
      case S::cancelled:
        return {state};
      case S::running:
        return {S::running};
      case S::completed:
        return {S::running, S::completed};
    }
    return {};
  }
  std::string two_outputs() const {
    std::string text = spec();
    text.insert(text.rfind(']'), R"(, {"name": "web", "type": "file", "video": {"height": 480}})");
    return text;
  }
  std::string submit_two() {
    const auto submitted = jobs().submit(two_outputs(), "");
    EXPECT_TRUE(submitted.ok()) << to_string(submitted.status());
    return submitted.ok() ? submitted->job.id : "";
  }
};

// What becomes of a job in a state; an action that is not allowed there leaves the state and says it.
TEST_F(JobStatesTest, EveryActionInEveryStateIsDoneOrRefusedByName) {
  hold_at_segment_one();
  start();
  submit();
  reached_.wait();
  const std::map<std::string, std::function<Result<Job>(const std::string&)>> actions = {
      {"cancel", [&](const std::string& id) { return jobs().cancel(id); }},
      {"retry", [&](const std::string& id) { return jobs().retry(id); }},
      {"pause", [&](const std::string& id) { return jobs().pause(id); }},
      {"resume", [&](const std::string& id) { return jobs().resume(id); }},
      {"cancel web", [&](const std::string& id) { return jobs().cancel_output(id, "web"); }},
      {"delete", [&](const std::string& id) -> Result<Job> {
         const Result<Job> job = jobs().get(id);
         const Status gone = jobs().erase(id);
         return gone.ok() ? job : gone;
       }}};
  const std::map<std::pair<std::string, S>, S> allowed = {
      {{"cancel", S::queued}, S::cancelled},  {{"cancel", S::running}, S::cancelled},
      {{"cancel", S::paused}, S::cancelled},  {{"retry", S::failed}, S::queued},
      {{"retry", S::cancelled}, S::queued},   {{"pause", S::queued}, S::paused},
      {{"pause", S::running}, S::paused},     {{"resume", S::paused}, S::queued},
      {{"cancel web", S::queued}, S::queued}, {{"cancel web", S::running}, S::running},
      {{"cancel web", S::paused}, S::paused}, {{"delete", S::completed}, S::completed},
      {{"delete", S::failed}, S::failed},     {{"delete", S::cancelled}, S::cancelled}};
  for (const auto& [name, act] : actions)
    for (const S state : kAll) {
      SCOPED_TRACE(name + " of a job that is " + std::string(name_of(state)));
      const std::string id = job_in(state);
      const Result<Job> done = act(id);
      const auto expected = allowed.find({name, state});
      if (expected != allowed.end()) {
        ASSERT_TRUE(done.ok()) << to_string(done.status());
        EXPECT_EQ(done->state, expected->second);
        EXPECT_EQ(jobs().get(id).ok(), name != "delete");
      } else {
        EXPECT_EQ(done.status().code(), Code::invalid_argument);
        EXPECT_THAT(done.status().message(), HasSubstr(std::string(name_of(state))));
        EXPECT_EQ(jobs().get(id)->state, state);
      }
    }
  for (const auto& [name, act] : actions)
    EXPECT_EQ(act("01ARZ3NDEKTSV4RRFFQ69G5FAV").status().code(), Code::not_found) << name;
}

TEST_F(JobStatesTest, ACancelledOutputIsMadeNoMoreAndTheJobCompletesWithoutIt) {
  hold_at_segment_one();
  start();
  const std::string id = submit_two();
  reached_.wait();
  const auto job = jobs().cancel_output(id, "web");
  ASSERT_TRUE(job.ok()) << to_string(job.status());
  EXPECT_EQ(job->state, S::running);
  EXPECT_THAT(job->cancelled_outputs, ElementsAre("web"));
  EXPECT_THAT(jobs().cancel_output(id, "web").status().message(), HasSubstr("already"));
  EXPECT_EQ(jobs().cancel_output(id, "other").status().code(), Code::not_found);
  EXPECT_THAT(jobs().cancel_output(id, "other").status().message(), HasSubstr("it has abr"));
  go_on_.open();
  const Job done = await(id, S::completed);
  EXPECT_EQ(done.attempts.size(), 1U) << "the job itself went on";
  EXPECT_FALSE(fs::exists(output(id) / "web.mp4"));
  EXPECT_TRUE(fs::exists(output(id) / "abr/720p/00003.m4s"));
  EXPECT_THAT(event_types(id), Contains("output_cancelled"));
}

TEST_F(JobStatesTest, AnOutputOfAWaitingJobIsCancelledBeforeItsRunAndStaysSoInARetry) {
  hold_at_segment_one();
  start();
  submit();
  reached_.wait();
  const std::string id = submit_two();
  ASSERT_TRUE(jobs().cancel_output(id, "abr").ok());
  ASSERT_TRUE(jobs().cancel(id).ok());
  ASSERT_TRUE(jobs().retry(id).ok());
  go_on_.open();
  const Job done = await(id, S::completed);
  EXPECT_THAT(done.cancelled_outputs, ElementsAre("abr"));
  EXPECT_TRUE(fs::exists(output(id) / "web.mp4"));
  EXPECT_FALSE(fs::exists(output(id) / "abr/720p"));
}

TEST_F(JobStatesTest, CancellingTheLastOutputCancelsTheJob) {
  hold_at_segment_one();
  start();
  submit();
  reached_.wait();
  const std::string id = submit_two();
  ASSERT_TRUE(jobs().cancel_output(id, "web").ok());
  const auto last = jobs().cancel_output(id, "abr");
  ASSERT_TRUE(last.ok()) << to_string(last.status());
  EXPECT_EQ(last->state, S::cancelled);
  EXPECT_THAT(last->cancelled_outputs, ElementsAre("web")) << "a retry makes the other one";
}

TEST_F(JobStatesTest, AJobThatFindsNoRoomIsPausedWithTheReasonAndGoesOnWhenThereIs) {
  free_bytes_ = 60'000'000;
  start();
  const std::string id = submit();
  const Job waiting = await(id, S::paused);
  EXPECT_THAT(waiting.waiting_for, AllOf(StartsWith("disk: "), HasSubstr("60 MB are free")));
  EXPECT_THAT(waiting.attempts.back().outcome, StartsWith("waiting: disk: "));
  EXPECT_THAT(workers_->ranges(), IsEmpty()) << "nothing was begun";
  free_bytes_ = 10'000'000'000;
  const Job done = await(id, S::completed);
  EXPECT_EQ(done.waiting_for, "");
  EXPECT_EQ(done.attempts.size(), 2U) << "one look, and one run";
}

TEST_F(JobStatesTest, AFullDiskPausesTheJobThatRunsIntoItAndKeepsWhatItHas) {
  std::atomic<bool> full{true};
  before_ = [&](const std::string& track, std::int64_t index, std::stop_token) -> Status {
    if (!full || track != "abr/360p" || index != 2) return {};
    free_bytes_ = 0;
    return {Code::resource_exhausted, "abr/360p/00003.m4s: No space left on device"};
  };
  start();
  const std::string id = submit();
  const Job waiting = await(id, S::paused);
  EXPECT_THAT(waiting.waiting_for, AllOf(StartsWith("disk: "), HasSubstr("kept for the store")));
  EXPECT_TRUE(jobs().folder(id).ok()) << "what it has stays on show";
  const ino_t first = inode(output(id) / "abr/720p/00001.m4s");
  full = false;
  free_bytes_ = 10'000'000'000;
  await(id, S::completed);
  EXPECT_EQ(inode(output(id) / "abr/720p/00001.m4s"), first);
}

TEST_F(JobStatesTest, WhatLacksRoomTenTimesInARowFails) {
  before_ = [](const std::string&, std::int64_t, std::stop_token) {
    return Status(Code::resource_exhausted, "no memory for an encoder");
  };
  start();
  const Job failed = await(submit(), S::failed);
  EXPECT_EQ(failed.attempts.size(), 11U);
  EXPECT_EQ(failed.error->message, "no memory for an encoder");
  EXPECT_EQ(failed.error->code, Code::resource_exhausted);
}

// The program is being replaced; what waits for that does not use up its attempts.
TEST_F(JobStatesTest, JobsWaitWhileNoWorkerIsAliveAndGoOnWhenOneIs) {
  std::atomic<bool> replaced{false};
  before_ = [&](const std::string&, std::int64_t, std::stop_token) -> Status {
    if (replaced) return {};
    workers_->alive = false;
    return {Code::resource_exhausted, "no worker can be started: millrace: No such file or directory"};
  };
  start();
  const std::string first = submit();
  const Job waiting = await(first, S::paused);
  EXPECT_THAT(waiting.waiting_for, StartsWith("no worker can be started"));
  const std::string second = submit();
  await(second, S::paused);
  // It was looked at again before the second one was started.
  EXPECT_EQ(jobs().get(first)->state, S::paused);
  EXPECT_EQ(jobs().get(first)->attempts.size(), 1U);
  replaced = true;
  workers_->alive = true;
  EXPECT_EQ(await(first, S::completed).attempts.size(), 2U);
  await(second, S::completed);
}

TEST_F(JobStatesTest, ADiskThatIsNearlyFullPausesWhatRunsAtAnEdge) {
  hold_at_segment_one();
  // The record says that it is paused before its run is asked to end.
  at_edge_ = [](std::int64_t index, const std::stop_token& enough, const std::stop_token& stop) {
    if (index != 1) return;
    Gate asked;
    const std::stop_callback on_enough(enough, [&asked] { asked.open(); });
    asked.wait(stop);
  };
  start();
  const std::string id = submit();
  reached_.wait();
  free_bytes_ = 1'000;
  const Job paused = await(id, S::paused);
  EXPECT_THAT(paused.waiting_for, HasSubstr("kept for the store"));
  go_on_.open();
  free_bytes_ = 10'000'000'000;
  await(id, S::completed);
  EXPECT_THAT(workers_->ranges(), ElementsAre(0, 0, 1, 2)) << "no segment was made twice";
}

TEST_F(JobStatesTest, AWaitingJobMayBePausedResumedAndCancelledByAPerson) {
  free_bytes_ = 60'000'000;
  start();
  const std::string id = submit();
  await(id, S::paused);
  const auto paused = jobs().pause(id);
  ASSERT_TRUE(paused.ok()) << to_string(paused.status());
  EXPECT_EQ(paused->waiting_for, "");
  EXPECT_EQ(jobs().pause(id).status().code(), Code::invalid_argument);
  ASSERT_TRUE(jobs().resume(id).ok());
  while (jobs().get(id)->waiting_for.empty()) await(id, S::paused);
  const auto cancelled = jobs().cancel(id);
  ASSERT_TRUE(cancelled.ok()) << to_string(cancelled.status());
  EXPECT_EQ(cancelled->waiting_for, "");
}

TEST_F(JobStatesTest, AJobThatDoesNotFitTheMemoryBesideAnotherWaitsForItsEnd) {
  memory_bytes_ = std::uint64_t{700} << 20;  // of which the daemon keeps some
  hold_at_segment_one();
  start();
  std::string modest = spec();
  modest.insert(1, R"("cores": 1, )");
  const std::string first = jobs().submit(modest, "")->job.id;
  reached_.wait();
  const std::string second = jobs().submit(modest, "")->job.id;
  const Job waiting = await(second, S::paused);
  EXPECT_THAT(waiting.waiting_for, StartsWith("memory: "));
  go_on_.open();
  await(first, S::completed);
  await(second, S::completed);
}

}  // namespace
}  // namespace millrace::engine
