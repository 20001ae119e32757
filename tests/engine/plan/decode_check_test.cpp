#include "engine/plan/decode_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/stage.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Plan plan_on(const std::vector<std::string>& devices) {
  Plan plan;
  for (const std::string& each : devices) plan.renditions.emplace_back().encode_device = each;
  return plan;
}

TEST(DecodeCheck, SegmentsOfDevicesAreDecodedInFullThoseOfTheCpuNowAndThen) {
  const Plan plan = plan_on({"cuda:0", std::string(kCpu)});
  EXPECT_EQ(full_decode_every(plan, plan.renditions[0]), 1);
  EXPECT_EQ(full_decode_every(plan, plan.renditions[1]), 8);
  EXPECT_EQ(checked_share(plan, plan.renditions[0]), 1);
  EXPECT_NEAR(checked_share(plan, plan.renditions[1]), 0.195, 0.001);
  EXPECT_THAT(decode_check_decision(plan)[0].choice, HasSubstr("one segment of 8"));
  EXPECT_THAT(decode_check_decision(plan_on({"cuda:0"}))[0].reason, HasSubstr("a device encodes"));
}

TEST(DecodeCheck, WhoAsksForItHasEverySegmentDecodedInFull) {
  Plan plan = plan_on({std::string(kCpu), std::string(kCpu)});
  plan.full_decode = true;
  EXPECT_EQ(full_decode_every(plan, plan.renditions[1]), 1);
  const std::vector<Decision> told = decode_check_decision(plan);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].choice, "every segment decodes again in full");
  EXPECT_EQ(told[0].reason, "asked for");
}

TEST(DecodeCheck, TheOnlySegmentIsDecodedInFull) {
  Plan plan = plan_on({std::string(kCpu)});
  plan.estimated_segments = 1;
  EXPECT_EQ(full_decode_every(plan, plan.renditions[0]), 1);
  EXPECT_EQ(decode_check_decision(plan)[0].reason, "there is one");
}

TEST(DecodeCheck, WithoutRenditionsThereIsNothingToTell) {
  EXPECT_THAT(decode_check_decision(Plan()), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
