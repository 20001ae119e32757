// What becomes of a run whose task fails, one test for each class of errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/plan/stage.h"
#include "tests/engine/schedule/job_runner_fixture.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class FailedRunsTest : public JobRunnerTest {
 protected:
  // The first tries to make this segment of this track fail, `times` in all.
  void fail_before(const std::string& track, std::int64_t index, Code code, int times) {
    workers_.before = [this, track, index, code, times](const std::string& each, std::int64_t at,
                                                        std::stop_token) {
      return each == track && at == index && deaths_++ < times ? Status(code, "it failed") : Status();
    };
  }
};

TEST_F(FailedRunsTest, BadInputFailsNow) {
  for (const Code code : {Code::corrupt_input, Code::unsupported, Code::invalid_argument, Code::not_found}) {
    deaths_ = 0;
    observer_.plan.reset();
    fail_before(k360, 1, code, 1);
    EXPECT_EQ(run().status().code(), code);
    EXPECT_EQ(deaths_.load(), 1) << name_of(code);
  }
  EXPECT_THAT(observer_.retries, IsEmpty());
}

TEST_F(FailedRunsTest, ATransientFailureGoesOnFromTheSegmentAfterAWait) {
  fail_before(k360, 1, Code::io_error, 2);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 1, 1));
  EXPECT_THAT(waits_, ElementsAre(1'000, 1'000));  // the first try got further than any before
  ASSERT_EQ(observer_.retries.size(), 2U);
  EXPECT_EQ(observer_.retries[0].task, "the pictures from segment 2");
  EXPECT_EQ(observer_.retries[0].code, Code::io_error);
  EXPECT_EQ(observer_.retries[0].message, "it failed");
  EXPECT_THAT((*receipt)["steps_down"], IsEmpty());
}

TEST_F(FailedRunsTest, ATransientFailureThatStaysFailsTheJob) {
  fail_before(kSound, 0, Code::io_error, 100);
  EXPECT_EQ(run().status().code(), Code::io_error);
  EXPECT_EQ(workers_.sounds.load(), 5);
  EXPECT_THAT(waits_, ElementsAre(1'000, 2'000, 4'000, 8'000));
}

TEST_F(FailedRunsTest, ASourceThatCannotBeReadForAMomentIsLookedAtAgain) {
  workers_.at_inspection = [](int inspection) {
    return inspection == 1 ? Status(Code::io_error, "in.mov: Connection reset by peer") : Status();
  };
  EXPECT_TRUE(run().ok());
  EXPECT_EQ(workers_.inspections.load(), 2);
  ASSERT_EQ(observer_.retries.size(), 1U);
  EXPECT_EQ(observer_.retries[0].task, "the look at the source");
}

TEST_F(FailedRunsTest, ATaskWhoseWorkersAreLostIsMadeMoreCarefully) {
  fail_before(k360, 0, Code::device_lost, 2);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.decoder_threads(), ElementsAre(2, 2, 1));
  EXPECT_THAT(waits_, IsEmpty());
  ASSERT_EQ(observer_.retries.size(), 2U);
  EXPECT_EQ(observer_.retries[1].step_down, "decodes on 1 thread instead of 2");
  ASSERT_EQ((*receipt)["steps_down"].size(), 1U);
  EXPECT_THAT((*receipt)["steps_down"][0].get<std::string>(), HasSubstr("decodes on 1 thread"));
  EXPECT_EQ(observer_.plan->decoder_threads, 2);  // only the task steps down, not the job's plan
}

TEST_F(FailedRunsTest, AnOutputWhoseWorkersAreLostIsMadeMoreCarefullyToo) {
  fail_before("web.mp4", 0, Code::device_lost, 2);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.made(), ElementsAre("web.mp4", "web.mp4", "web.mp4"));
  EXPECT_THAT(observer_.retries.back().task, "web.mp4");
  EXPECT_EQ(observer_.retries.back().step_down, "decodes on 1 thread instead of 2");
}

TEST_F(FailedRunsTest, WhatTheJobLearntHoldsForItsLaterTasksAndAttempts) {
  fail_before(k360, 0, Code::device_lost, 2);
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.output_threads(), ElementsAre(1));
  std::filesystem::remove(path("receipt.json"));
  std::filesystem::remove(path("web.mp4"));
  steps_down_ = {observer_.retries[1]};
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.output_threads(), ElementsAre(1, 1));
  EXPECT_EQ(
      (*receipt)["steps_down"],
      nlohmann::json({"the pictures from segment 1: decodes on 1 thread instead of 2, because its workers "
                      "were lost"}));
}

// Where each task's pictures were decoded, filtered and encoded: 'g' is the GPU.
class FailingDevicesTest : public FailedRunsTest {
 protected:
  FailingDevicesTest() {
    machine_ = test::recorded_machine("l4");
    devices_.backends.nvidia = true;
    devices_.backends.nvidia_encodes = {VideoCodec::h264};
    workers_.see = [](Source& source) { source.duration_seconds = source.video[0].duration_seconds = 600; };
  }
  // So many tasks whose plan has this stage on a device fail before this segment.
  void fail_on_device(Stage stage, std::int64_t index, Code code, int times) {
    workers_.before_of_plan = [=, this](const Plan& plan, std::int64_t at) {
      const std::string device = device_of(plan, stage);
      return device != kCpu && at == index && deaths_++ < times
                 ? blamed_on(stage, {code, std::string(name_of(stage)) + " on " + device + ": it failed"})
                 : Status();
    };
  }
};

TEST_F(FailingDevicesTest, AStageThatFailsGoesToTheCpuAndFinishedSegmentsStay) {
  fail_on_device(Stage::decode, 1, Code::device_lost, 9);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.places(), ElementsAre("ggg", "cgg"));
  EXPECT_THAT(workers_.ranges(), ElementsAre(0, 1));
  EXPECT_EQ(
      (*receipt)["steps_down"],
      nlohmann::json({"the pictures from segment 2: decodes on cpu instead of cuda:0, because decode on "
                      "cuda:0: it failed"}));
  ASSERT_EQ(remembered_.size(), 1U);
  EXPECT_EQ(remembered_[0].stage, Stage::decode);
  EXPECT_EQ(remembered_[0].device, device_id(machine_.gpus[0]));
  EXPECT_EQ(remembered_[0].driver, machine_.gpus[0].driver);
  EXPECT_EQ(remembered_[0].shape, "h264 High yuv420p 1280x720");
  EXPECT_EQ(remembered_[0].reason, "decode on cuda:0: it failed");
}

// The next source alike may keep its shape.
TEST_F(FailingDevicesTest, WhatOnlyThisSourceDoesIsNoFailureToRemember) {
  workers_.before_of_plan = [](const Plan& plan, std::int64_t at) {
    return plan.filter_device == kCpu || at == 0
               ? Status()
               : of_source(blamed_on(Stage::filters, {Code::unsupported, "pictures change shape"}));
  };
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_EQ(workers_.places().front(), "ggg");
  EXPECT_EQ(workers_.places().back()[1], 'c');
  EXPECT_FALSE((*receipt)["steps_down"].empty());
  EXPECT_THAT(remembered_, IsEmpty());
  EXPECT_THAT(stepped_down_.counted(),
              ElementsAre(Pair(StepDown{"filters", "cuda:0", Code::unsupported, true}, testing::_)));
}

TEST_F(FailingDevicesTest, AStepDownIsCountedOnceForItsStageAndDevice) {
  fail_on_device(Stage::encode, 0, Code::resource_exhausted, 9);
  ASSERT_TRUE(run().ok());
  const StepDown of_encoding{"encode", "cuda:0", Code::resource_exhausted};
  EXPECT_THAT(stepped_down_.counted(), ElementsAre(Pair(of_encoding, 1)));
  std::filesystem::remove(path("receipt.json"));
  steps_down_ = observer_.retries;
  ASSERT_TRUE(run().ok());  // with the step of the attempt before
  EXPECT_THAT(stepped_down_.counted(), ElementsAre(Pair(of_encoding, 1)));
}

TEST_F(FailingDevicesTest, AStepDownAfterDeathsThatNobodyExplainsIsOfNoDevice) {
  fail_before(k360, 0, Code::device_lost, 2);
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(stepped_down_.counted(), ElementsAre(Pair(StepDown{"", "", Code::device_lost}, 1)));
}

TEST_F(FailingDevicesTest, TheNextSuchJobStartsWithoutTheStageThatFailed) {
  fail_on_device(Stage::encode, 0, Code::unsupported, 9);
  ASSERT_TRUE(run().ok());
  observer_.plan.reset();
  std::filesystem::remove(path("receipt.json"));
  devices_.failures = remembered_;
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(workers_.places(), ElementsAre("ggg", "ggc", "ggc"));
  EXPECT_THAT((*receipt)["steps_down"], IsEmpty());
}

TEST_F(FailingDevicesTest, WantOfSessionsIsNoFailureToRemember) {
  fail_on_device(Stage::encode, 0, Code::resource_exhausted, 9);
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.places(), ElementsAre("ggg", "ggc"));
  EXPECT_THAT(remembered_, IsEmpty());
}

TEST_F(FailingDevicesTest, DeathsThatNobodyExplainsGoDownTheLadder) {
  fail_before(k360, 0, Code::device_lost, 5);
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(workers_.places(), ElementsAre("ggg", "ggg", "ggc", "cgg", "ccc", "ccc"));
  EXPECT_THAT(remembered_, IsEmpty());
}

TEST_F(FailedRunsTest, AJobOutlivesManyKillsOfItsWorkers) {
  fail_before("web.mp4", 0, Code::worker_killed, 9);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT((*receipt)["steps_down"], IsEmpty());
  EXPECT_EQ(observer_.retries.size(), 9U);
}

TEST_F(FailedRunsTest, ATaskWithoutMemoryIsMadeLaterThenOnOneThreadThenFails) {
  fail_before(k360, 0, Code::out_of_memory, 2);
  const auto receipt = run();
  ASSERT_TRUE(receipt.ok()) << to_string(receipt.status());
  EXPECT_THAT(waits_, ElementsAre(1'000, 2'000));
  EXPECT_THAT(workers_.decoder_threads(), ElementsAre(2, 2, 1));
  EXPECT_THAT((*receipt)["steps_down"][0].get<std::string>(),
              HasSubstr("because its workers had no memory left"));
  std::filesystem::remove(path("receipt.json"));
  observer_.plan.reset();
  deaths_ = 0;
  fail_before(k360, 0, Code::out_of_memory, 100);
  EXPECT_EQ(run().status().code(), Code::out_of_memory);
  EXPECT_EQ(deaths_.load(), 3);
}

TEST_F(FailedRunsTest, NoCapacityEndsTheRunForTheJobToWait) {
  fail_before(k360, 1, Code::resource_exhausted, 100);
  EXPECT_EQ(run().status().code(), Code::resource_exhausted);
  EXPECT_EQ(deaths_.load(), 1);
  EXPECT_THAT(observer_.retries, IsEmpty());
}

TEST_F(FailedRunsTest, OurOwnMistakeFailsNow) {
  fail_before(k360, 1, Code::internal, 100);
  EXPECT_EQ(run().status().code(), Code::internal);
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(FailedRunsTest, AStopInTheWaitEndsTheRun) {
  std::stop_source stop;
  fail_before(k360, 1, Code::io_error, 100);
  while_waiting_ = [&](const std::stop_token&) { stop.request_stop(); };
  EXPECT_EQ(run(stop.get_token()).status().code(), Code::cancelled);
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(FailedRunsTest, APauseEndsTheWaitAndTheRun) {
  RunControl asked;
  control_ = &asked;
  fail_before(k360, 1, Code::io_error, 100);
  while_waiting_ = [&](const std::stop_token& stop) {
    asked.pause();
    EXPECT_TRUE(stop.stop_requested());
  };
  EXPECT_EQ(run().status().code(), Code::cancelled);
  EXPECT_EQ(deaths_.load(), 1);
}

}  // namespace
}  // namespace millrace::engine
