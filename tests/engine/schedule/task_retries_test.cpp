#include "engine/schedule/task_retries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

const Status kDied(Code::device_lost, "worker 7 died of signal 11 (Segmentation fault)");
const Status kKilled(Code::worker_killed, "worker 7 died of signal 9 (Killed)");
const Status kBroken(Code::io_error, "in.mov: Input/output error");

// All of it on one card.
Plan on_a_card() {
  Plan plan;
  plan.decoder_threads = 4;
  plan.decode_device = plan.filter_device = "cuda:0";
  plan.outputs.resize(1);
  plan.renditions.resize(1);
  plan.renditions[0].encode_device = "cuda:0";
  return plan;
}

class TaskRetriesTest : public testing::Test {
 protected:
  bool another(TaskRetries& retries, const Status& failure, std::int64_t reached = 0) {
    return retries.another(failure, reached, stop_.get_token(), "the pictures");
  }

  std::stop_source stop_;
  std::vector<std::int64_t> waits_;
  std::vector<Retry> told_;
  JobCare care_;
  const RetryParts parts_{
      [this](milliseconds time, const std::stop_token&) { waits_.push_back(time.count()); },
      [this](const Retry& retry, const Status&) { told_.push_back(retry); }, care_};
};

TEST_F(TaskRetriesTest, TheThirdDeathInARowIsTheLast) {
  TaskRetries retries(parts_);
  EXPECT_TRUE(another(retries, kDied));
  EXPECT_TRUE(another(retries, kDied));
  EXPECT_FALSE(another(retries, kDied));
  EXPECT_THAT(waits_, IsEmpty());
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[0].task, "the pictures");
  EXPECT_EQ(told_[0].code, Code::device_lost);
  EXPECT_EQ(told_[0].message, kDied.message());
  EXPECT_GT(told_[0].at, 0);
}

TEST_F(TaskRetriesTest, OneThatGotFurtherThanAnyBeforeDoesNotCount) {
  TaskRetries retries(parts_, 5);
  EXPECT_TRUE(another(retries, kDied, 5));  // no further than before the first
  EXPECT_TRUE(another(retries, kDied, 7));
  EXPECT_TRUE(another(retries, kDied, 6));
  EXPECT_TRUE(another(retries, kDied, 7));
  EXPECT_FALSE(another(retries, kDied, 7));
}

TEST_F(TaskRetriesTest, AfterTheSecondDeathInARowTheNextTryIsOneRungDown) {
  Plan plan;
  plan.decoder_threads = 4;
  TaskRetries retries(parts_, 0, &plan);
  Plan next = plan;
  EXPECT_TRUE(another(retries, kDied));
  retries.take_care(next);
  EXPECT_EQ(next.decoder_threads, 4);
  EXPECT_TRUE(another(retries, kDied));
  retries.take_care(next);
  EXPECT_EQ(next.decoder_threads, 1);
  EXPECT_FALSE(another(retries, kDied));  // there is no second rung
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[0].step_down, "");
  EXPECT_EQ(told_[1].step_down, "decodes on 1 thread instead of 4");
  EXPECT_EQ(plan.decoder_threads, 4);
}

TEST_F(TaskRetriesTest, ItStaysDownAfterASegment) {
  Plan plan;
  plan.decoder_threads = 4;
  TaskRetries retries(parts_, 0, &plan);
  EXPECT_TRUE(another(retries, kDied));
  EXPECT_TRUE(another(retries, kDied));
  EXPECT_TRUE(another(retries, kDied, 3));
  Plan next = plan;
  retries.take_care(next);
  EXPECT_EQ(next.decoder_threads, 1);
}

TEST_F(TaskRetriesTest, WhatOneTaskLearntHoldsForTheLaterOnes) {
  Plan plan;
  plan.decoder_threads = 4;
  TaskRetries first(parts_, 0, &plan);
  EXPECT_TRUE(another(first, kDied));
  EXPECT_TRUE(another(first, kDied));
  TaskRetries second(parts_, 0, &plan);
  Plan next = plan;
  second.take_care(next);
  EXPECT_EQ(next.decoder_threads, 1);
  EXPECT_TRUE(another(second, kDied));
  EXPECT_TRUE(another(second, kDied));
  EXPECT_FALSE(another(second, kDied));
  ASSERT_EQ(told_.size(), 4U);
  EXPECT_EQ(told_[3].step_down, "");  // there is no second rung
}

TEST_F(TaskRetriesTest, AStageThatFailsOnItsDeviceIsLeftOutAtOnceWhateverTheCode) {
  for (const Code code : {Code::device_lost, Code::unsupported, Code::resource_exhausted, Code::corrupt_input,
                          Code::io_error, Code::internal}) {
    Plan plan = on_a_card();
    JobCare care;
    told_.clear();
    waits_.clear();
    const RetryParts parts{parts_.wait, parts_.tell, care};
    TaskRetries retries(parts, 0, &plan);
    EXPECT_TRUE(another(retries, blamed_on(Stage::encode, {code, "encode on cuda:0: full"}), 7))
        << name_of(code);
    EXPECT_THAT(waits_, IsEmpty());
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(told_[0].stage, "encode");
    EXPECT_EQ(told_[0].step_down, "encodes on cpu instead of cuda:0");
    EXPECT_EQ(step_down_text(told_[0]),
              "the pictures: encodes on cpu instead of cuda:0, because encode on cuda:0: full");
    Plan next = plan;
    retries.take_care(next);
    EXPECT_EQ(next.renditions[0].encode_device, "cpu");
    EXPECT_EQ(next.decode_device, "cuda:0");
  }
}

TEST_F(TaskRetriesTest, OnTheCpuABlamedFailureIsLikeAnyOther) {
  const Plan plan;  // nothing is on a device
  for (const Code code : {Code::unsupported, Code::resource_exhausted, Code::internal, Code::cancelled}) {
    TaskRetries retries(parts_, 0, &plan);
    EXPECT_FALSE(another(retries, blamed_on(Stage::decode, {code, "it failed"}))) << name_of(code);
  }
  TaskRetries retries(parts_, 0, &plan);
  EXPECT_TRUE(another(retries, blamed_on(Stage::decode, kBroken)));
  EXPECT_THAT(waits_, ElementsAre(1'000));
}

TEST_F(TaskRetriesTest, AnotherAttemptGoesOnWithTheCareOfTheOnesBefore) {
  Plan plan = on_a_card();
  TaskRetries pictures(parts_, 0, &plan);
  EXPECT_TRUE(another(pictures, blamed_on(Stage::filters, {Code::unsupported, "no kernels"})));
  TaskRetries output(parts_, 0, &plan, 0);
  EXPECT_TRUE(another(output, kDied));
  EXPECT_TRUE(another(output, kDied));
  JobCare later;
  std::vector<Retry> steps;
  for (const Retry& each : told_)
    if (!each.step_down.empty()) steps.push_back(each);
  ASSERT_EQ(steps.size(), 2U);
  later.take_over(plan, steps);
  EXPECT_EQ(later.now(), care_.now());
  EXPECT_EQ(later.now(), (Care{{true, true, false}, true, {false, true, false}}));
}

TEST_F(TaskRetriesTest, KillsFromOutsideAreNoDeathsOfTheTask) {
  Plan plan;
  plan.decoder_threads = 4;
  TaskRetries retries(parts_, 0, &plan);
  EXPECT_TRUE(another(retries, kDied));
  for (int kill = 1; kill < 10; ++kill) EXPECT_TRUE(another(retries, kKilled)) << kill;
  Plan next = plan;
  retries.take_care(next);
  EXPECT_EQ(next.decoder_threads, 4);  // nothing to be careful about
  EXPECT_TRUE(another(retries, kDied));
  EXPECT_FALSE(another(retries, kKilled));  // for ever is too long: something on this machine kills it
  EXPECT_THAT(waits_, ElementsAre(50, 100, 200, 400, 800, 1'600, 3'200, 6'400, 10'000));
}

TEST_F(TaskRetriesTest, AKillAfterASegmentDoesNotCount) {
  TaskRetries retries(parts_);
  for (std::int64_t reached = 0; reached < 100; ++reached)
    EXPECT_TRUE(another(retries, kKilled, reached)) << reached;
}

TEST_F(TaskRetriesTest, ATransientFailureIsTriedFiveTimesWithWaitsThatGrow) {
  Plan plan;
  plan.decoder_threads = 4;
  TaskRetries retries(parts_, 0, &plan);
  for (int failures = 1; failures < 5; ++failures) EXPECT_TRUE(another(retries, kBroken)) << failures;
  EXPECT_FALSE(another(retries, kBroken));
  EXPECT_THAT(waits_, ElementsAre(1'000, 2'000, 4'000, 8'000));
  ASSERT_EQ(told_.size(), 4U);
  EXPECT_EQ(told_[3].wait_seconds, 8);
  for (const Retry& each : told_) EXPECT_EQ(each.step_down, "");
}

TEST_F(TaskRetriesTest, OtherFailuresAreTheLastAtOnce) {
  for (const Code code : {Code::cancelled, Code::invalid_argument, Code::not_found, Code::already_exists,
                          Code::unsupported, Code::corrupt_input, Code::resource_exhausted, Code::internal}) {
    TaskRetries retries(parts_);
    EXPECT_FALSE(another(retries, {code, "it failed"}, 9)) << name_of(code);
  }
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(TaskRetriesTest, AStopEndsItBeforeAWaitAndInOne) {
  TaskRetries retries(parts_);
  const RetryParts stops_while_waiting{
      [this](milliseconds, const std::stop_token&) { stop_.request_stop(); }, {}, care_};
  TaskRetries waiting(stops_while_waiting);
  EXPECT_FALSE(another(waiting, kBroken));
  EXPECT_FALSE(another(retries, kDied));
  EXPECT_THAT(told_, IsEmpty());
}

TEST(WaitOrStop, ReturnsAtOnceAfterAStop) {
  std::stop_source stop;
  stop.request_stop();
  wait_or_stop(std::chrono::hours(1), stop.get_token());
  wait_or_stop(milliseconds(1), {});
}

}  // namespace
}  // namespace millrace::engine
