#include "engine/plan/step_down.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace millrace::engine {
namespace {

using Type = PlannedOutput::Type;

Plan plan_of(int decoder_threads, int still_threads) {
  Plan plan;
  plan.decoder_threads = decoder_threads;
  plan.outputs.resize(2);
  plan.outputs[0].type = Type::file;
  plan.outputs[1].type = Type::thumbnails;
  for (PlannedOutput& output : plan.outputs) output.stills.threads = still_threads;
  plan.renditions.resize(1);
  plan.renditions[0].encoder_threads = 3;
  return plan;
}

TEST(StepDown, DecodesOnOneThreadAndLeavesTheEncodersAlone) {
  for (const std::optional<std::size_t> output :
       {std::optional<std::size_t>(), std::optional<std::size_t>(0)}) {
    Plan plan = plan_of(4, 6);
    EXPECT_EQ(step_down(plan, output, 1), "decodes on 1 thread instead of 4");
    EXPECT_EQ(plan.decoder_threads, 1);
    EXPECT_EQ(plan.renditions[0].encoder_threads, 3);
  }
}

TEST(StepDown, StillsHaveThreadsOfTheirOwn) {
  Plan plan = plan_of(4, 6);
  EXPECT_EQ(step_down(plan, 1, 1), "decodes on 1 thread instead of 6");
  EXPECT_EQ(plan.outputs[1].stills.threads, 1);
  EXPECT_EQ(plan.outputs[0].stills.threads, 6);
  EXPECT_EQ(plan.decoder_threads, 4);
}

TEST(StepDown, ThereIsNoRungBelowOneThread) {
  Plan plan = plan_of(1, 6);
  const auto before = to_json(plan);
  EXPECT_EQ(step_down(plan, std::nullopt, 1), "");
  EXPECT_EQ(to_json(plan), before);
  plan = plan_of(4, 1);
  EXPECT_EQ(step_down(plan, std::nullopt, 2), "");
  EXPECT_EQ(plan.decoder_threads, 4);
}

}  // namespace
}  // namespace millrace::engine
