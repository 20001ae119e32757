#include "engine/plan/step_down.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace millrace::engine {
namespace {

Plan plan_of(int decoder_threads, int still_threads, int encoder_threads) {
  Plan plan;
  plan.decoder_threads = decoder_threads;
  plan.outputs.resize(1);
  plan.outputs[0].stills.threads = still_threads;
  plan.renditions.resize(1);
  plan.renditions[0].encoder_threads = encoder_threads;
  return plan;
}

TEST(StepDown, DecodesOnOneThreadAndLeavesTheEncodersAlone) {
  Plan plan = plan_of(4, 6, 3);
  EXPECT_EQ(step_down(plan, 1), "decodes on 1 thread instead of 6");
  EXPECT_EQ(plan.decoder_threads, 1);
  EXPECT_EQ(plan.outputs[0].stills.threads, 1);
  EXPECT_EQ(plan.renditions[0].encoder_threads, 3);
}

TEST(StepDown, ThereIsNoRungBelowOneThread) {
  Plan plan = plan_of(1, 1, 3);
  const auto before = to_json(plan);
  EXPECT_EQ(step_down(plan, 1), "");
  EXPECT_EQ(to_json(plan), before);
  plan = plan_of(4, 1, 1);
  EXPECT_EQ(step_down(plan, 2), "");
  EXPECT_EQ(plan.decoder_threads, 4);
}

}  // namespace
}  // namespace millrace::engine
