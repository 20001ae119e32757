#include "engine/schedule/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// Attempts that last until the test lets them end, and book the states of their jobs as real ones do.
class Attempts {
 public:
  explicit Attempts(Store& store) : store_(store) {}

  Status run(const std::string& id, int cores, std::stop_token stop) {
    const Status status = failing_ == id ? Status(Code::resource_exhausted, "the disk is full") : Status();
    // Before it shows as started: from then on the test may move it.
    if (status.ok()) move(id, JobState::running);
    {
      const std::lock_guard lock(mutex_);
      starts_.push_back(id);
      cores_[id] = cores;
      running_.push_back(id);
      cores_in_use_ += cores;
      most_running_ = std::max(most_running_, running_.size());
      most_cores_ = std::max(most_cores_, cores_in_use_);
      twice_ = twice_ || std::count(running_.begin(), running_.end(), id) > 1;
    }
    changed_.notify_all();
    bool stopped = false;
    {
      std::unique_lock lock(mutex_);
      stopped =
          status.ok() && !changed_.wait(lock, stop, [&] { return all_ || std::erase(may_end_, id) > 0; });
      if (stopped) {
        ++stops_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return !hold_stopped_; });
      }
    }
    if (status.ok() && !stopped) move(id, JobState::completed);
    const std::lock_guard lock(mutex_);
    std::erase(running_, id);
    cores_in_use_ -= cores;
    changed_.notify_all();
    return status;
  }

  void end(const std::string& id) {
    const std::lock_guard lock(mutex_);
    may_end_.push_back(id);
    changed_.notify_all();
  }
  void end_all() {
    const std::lock_guard lock(mutex_);
    all_ = true;
    changed_.notify_all();
  }
  // Runs that were stopped go on until they are let go.
  void hold_stopped(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_stopped_ = hold;
    changed_.notify_all();
  }
  void fail_to_start(const std::string& id) { failing_ = id; }

  std::vector<std::string> wait_for_starts(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return starts_.size() >= count; });
    return starts_;
  }
  void wait_for_stops(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stops_ >= count; });
  }
  int cores_of(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return cores_[id];
  }
  std::size_t most_running() const { return most_running_; }
  int most_cores() const { return most_cores_; }
  bool one_ran_twice_at_once() const { return twice_; }

  void move(const std::string& id, JobState state) {
    Job job = *store_.get(id);
    job.state = state;
    ASSERT_TRUE(store_.update(job, "moved", "{}").ok());
  }

 private:
  Store& store_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::string> starts_;
  std::vector<std::string> running_;
  std::vector<std::string> may_end_;
  std::map<std::string, int> cores_;
  std::string failing_;
  bool all_ = false;
  bool hold_stopped_ = false;
  bool twice_ = false;
  int stops_ = 0;
  int cores_in_use_ = 0;
  int most_cores_ = 0;
  std::size_t most_running_ = 0;
};

class SchedulerTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    attempts_ = std::make_unique<Attempts>(*store_);
    settings_.cores = 4;
    settings_.rest = std::chrono::hours(1);
  }
  void TearDown() override { scheduler_.reset(); }
  void start() {
    scheduler_ = std::make_unique<Scheduler>(
        *store_, settings_,
        [this](const std::string& id, int cores, RunControl& control) {
          control_ = &control;
          return attempts_->run(id, cores, control.stopped());
        },
        look_, yield_);
  }

  SchedulerSettings settings_;
  Scheduler::LookForRoom look_;
  Scheduler::Yield yield_;
  std::atomic<RunControl*> control_ = nullptr;  // of the run that began last
  std::unique_ptr<Attempts> attempts_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, AJobAloneGetsAllCoresAndTheTwoThatWaitedShareThem) {
  start();
  const std::string alone = submitted().id;
  scheduler_->wake();
  attempts_->wait_for_starts(1);
  EXPECT_EQ(attempts_->cores_of(alone), 4);
  EXPECT_EQ(scheduler_->cores_in_use(), 4);
  // Both are in the store before the first one ends: whatever wakes the scheduler first, it finds no core
  // free until then.
  const std::string second = submitted().id;
  const std::string third = submitted().id;
  scheduler_->wake();
  attempts_->end(alone);
  EXPECT_THAT(attempts_->wait_for_starts(3), UnorderedElementsAre(alone, second, third));
  EXPECT_EQ(attempts_->cores_of(second), 2);
  EXPECT_EQ(attempts_->cores_of(third), 2);
  EXPECT_EQ(attempts_->most_cores(), 4);
}

TEST_F(SchedulerTest, StartsByPriorityThenAge) {
  settings_.max_running_jobs = 1;
  const std::string plain = submitted(50).id;
  const std::string low = submitted(10).id;
  const std::string high = submitted(90).id;
  const std::string plain_later = submitted(50).id;
  attempts_->end_all();
  start();
  EXPECT_THAT(attempts_->wait_for_starts(4), ElementsAre(high, plain, plain_later, low));
  EXPECT_EQ(attempts_->most_running(), 1U);
}

TEST_F(SchedulerTest, CoresThatAJobDoesNotWantGoToTheOther) {
  Job modest = new_job();
  modest.spec = R"({"input": {"url": "file:///in.mov"}, "cores": 1,
                    "outputs": [{"name": "abr", "type": "adaptive"}]})";
  ASSERT_TRUE(store_->submit(modest, "", "").ok());
  const std::string other = submitted().id;
  start();
  attempts_->wait_for_starts(2);
  EXPECT_EQ(attempts_->cores_of(modest.id), 1);
  EXPECT_EQ(attempts_->cores_of(other), 3);
}

TEST_F(SchedulerTest, NeverRunsMoreJobsOrCoresThanItMay) {
  settings_.max_running_jobs = 3;
  for (int i = 0; i < 20; ++i) submitted();
  attempts_->end_all();
  start();
  attempts_->wait_for_starts(20);
  scheduler_.reset();
  EXPECT_LE(attempts_->most_running(), 3U);
  EXPECT_LE(attempts_->most_cores(), 4);
  EXPECT_EQ(store_->ids_in(JobState::queued)->size(), 0U);
}

TEST_F(SchedulerTest, AStoppedJobRunsAgainOnlyAfterItsRunHasEnded) {
  start();
  const std::string id = submitted().id;
  EXPECT_FALSE(scheduler_->stop("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  scheduler_->wake();
  attempts_->wait_for_starts(1);
  attempts_->hold_stopped(true);
  EXPECT_TRUE(scheduler_->stop(id));
  attempts_->wait_for_stops(1);
  // Queued again while its run is still ending.
  attempts_->move(id, JobState::queued);
  scheduler_->wake();
  attempts_->hold_stopped(false);
  attempts_->wait_for_starts(2);
  EXPECT_FALSE(attempts_->one_ran_twice_at_once());
  attempts_->end(id);
  scheduler_->wait_until_ended(id);
  EXPECT_EQ(store_->get(id)->state, JobState::completed);
}

TEST_F(SchedulerTest, AJobThatCannotBeStartedRestsAndTheOthersRun) {
  const std::string broken = submitted(90).id;
  attempts_->fail_to_start(broken);
  attempts_->end_all();
  settings_.max_running_jobs = 1;
  start();
  attempts_->wait_for_starts(1);
  scheduler_->wait_until_ended(broken);
  const std::string sound = submitted(10).id;
  scheduler_->wake();
  EXPECT_THAT(attempts_->wait_for_starts(2), ElementsAre(broken, sound));
}

TEST_F(SchedulerTest, PassesOnWhatIsAskedOfARun) {
  start();
  const std::string id = submitted().id;
  EXPECT_FALSE(scheduler_->pause("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  EXPECT_EQ(scheduler_->leave_out("01ARZ3NDEKTSV4RRFFQ69G5FAV", "web"), Scheduler::LeftOut::no_run);
  scheduler_->wake();
  attempts_->wait_for_starts(1);
  RunControl& control = *control_;
  EXPECT_EQ(scheduler_->leave_out(id, "web"), Scheduler::LeftOut::left_out);
  EXPECT_THAT(control.close_outputs(), ElementsAre("web"));
  EXPECT_EQ(scheduler_->leave_out(id, "abr"), Scheduler::LeftOut::too_late);
  EXPECT_TRUE(scheduler_->pause(id));
  EXPECT_TRUE(control.paused().stop_requested());
  EXPECT_FALSE(control.stopped().stop_requested());
  attempts_->end(id);
}

TEST_F(SchedulerTest, LooksForRoomBeforeTheQueueAndAgainWhileJobsWaitForIt) {
  const std::string waiting = submitted().id;
  attempts_->move(waiting, JobState::paused);
  settings_.between_looks = std::chrono::milliseconds(1);
  int looks = 0;
  look_ = [&](Scheduler&) {
    if (++looks < 3) return true;
    if (looks == 3) attempts_->move(waiting, JobState::queued);
    return false;
  };
  start();
  EXPECT_THAT(attempts_->wait_for_starts(1), ElementsAre(waiting));
  attempts_->end(waiting);
  scheduler_.reset();  // it looks until its end, and `looks` goes with this scope
}

// The job that keeps pace asks for room, the one that runs ends at its edge, and goes on in what is left.
TEST_F(SchedulerTest, AJobMakesRoomForOneThatKeepsPaceAndGoesOnBesideIt) {
  settings_.live_millicores = [](const JobSpec& spec) { return spec.real_time ? 1'500 : 0; };
  yield_ = [this](Scheduler& scheduler, const std::string& id) {
    attempts_->move(id, JobState::queued);
    EXPECT_TRUE(scheduler.pause(id));
    EXPECT_TRUE(control_.load()->paused().stop_requested());
    EXPECT_FALSE(control_.load()->stopped().stop_requested());
    scheduler.stop(id);  // these attempts know no edges
    return true;
  };
  start();
  const std::string batch = submitted().id;
  scheduler_->wake();
  attempts_->wait_for_starts(1);
  EXPECT_EQ(attempts_->cores_of(batch), 4);
  Job live = new_job();
  live.spec = R"({"input": {"url": "file:///in.mov"}, "real_time": true,
                  "outputs": [{"name": "abr", "type": "adaptive"}]})";
  ASSERT_TRUE(store_->submit(live, "", "").ok());
  scheduler_->wake();
  EXPECT_THAT(attempts_->wait_for_starts(3), UnorderedElementsAre(batch, live.id, batch));
  EXPECT_EQ(attempts_->cores_of(live.id), 2) << "one and a half: two threads";
  EXPECT_EQ(attempts_->cores_of(batch), 2) << "what is left of four, in whole cores";
  EXPECT_EQ(scheduler_->live_millicores(), 1'500);
  attempts_->end_all();
  scheduler_->wait_until_ended(live.id);
  scheduler_->wait_until_ended(batch);
  EXPECT_FALSE(attempts_->one_ran_twice_at_once());
}

TEST_F(SchedulerTest, ItsEndStopsAndAwaitsAllRuns) {
  submitted();
  submitted();
  start();
  attempts_->wait_for_starts(2);
  scheduler_.reset();
  attempts_->wait_for_stops(2);
}

}  // namespace
}  // namespace millrace::engine
