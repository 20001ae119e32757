#include "engine/plan/step_down.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/plan/placement.h"

namespace millrace::engine {
namespace {

using Type = PlannedOutput::Type;
using Blamed = std::optional<Stage>;

Plan plan_of(int decoder_threads, int still_threads) {
  Plan plan;
  plan.decoder_threads = decoder_threads;
  plan.outputs.resize(2);
  plan.outputs[0].type = Type::file;
  plan.outputs[1].type = Type::thumbnails;
  for (PlannedOutput& output : plan.outputs) output.stills.threads = still_threads;
  plan.renditions.resize(2);
  for (PlannedRendition& each : plan.renditions) each.encoder_threads = 3;
  return plan;
}

// Decoded, filtered and (the larger of two renditions) encoded on a device ('g') or on the CPU ('c').
Plan plan_on(const char* places) {
  Plan plan = plan_of(4, 1);
  const auto device = [&](int at) { return std::string(places[at] == 'g' ? "cuda:0" : "cpu"); };
  plan.decode_device = device(0);
  plan.filter_device = device(1);
  plan.renditions[0].encode_device = device(2);
  return plan;
}
std::string places_of(const Plan& plan) {
  std::string places;
  for (const Stage stage : {Stage::decode, Stage::filters, Stage::encode})
    places += device_of(plan, stage) == kCpu ? 'c' : 'g';
  return plan.decoder_threads == 1 ? places + "1" : places;
}

TEST(StepDown, DecodesOnOneThreadAndLeavesTheEncodersAlone) {
  for (const std::optional<std::size_t> output :
       {std::optional<std::size_t>(), std::optional<std::size_t>(0)}) {
    Plan plan = plan_of(4, 6);
    const auto step = more_careful(plan, output, {});
    ASSERT_TRUE(step);
    EXPECT_EQ(step->sentence, "decodes on 1 thread instead of 4");
    take_care(plan, output, step->care);
    EXPECT_EQ(plan.decoder_threads, 1);
    EXPECT_EQ(plan.renditions[0].encoder_threads, 3);
    EXPECT_FALSE(more_careful(plan_of(4, 6), output, step->care));
  }
}

TEST(StepDown, StillsHaveThreadsOfTheirOwn) {
  Plan plan = plan_of(4, 6);
  const auto step = more_careful(plan, 1, {});
  ASSERT_TRUE(step);
  EXPECT_EQ(step->sentence, "decodes on 1 thread instead of 6");
  take_care(plan, 1, step->care);
  EXPECT_EQ(plan.outputs[1].stills.threads, 1);
  EXPECT_EQ(plan.outputs[0].stills.threads, 6);
  EXPECT_EQ(plan.decoder_threads, 4);
}

TEST(StepDown, ThereIsNoRungBelowOneThread) {
  EXPECT_FALSE(more_careful(plan_of(1, 6), std::nullopt, {}));
  EXPECT_FALSE(more_careful(plan_of(4, 1), 1, {}));
}

// Which failures lead from where to where, to the last rung. No stage: workers died, and nobody knows of
// what.
struct Row {
  const char* name;
  const char* plan;
  std::vector<std::pair<Blamed, const char*>> steps;
};
const Blamed kNobody;

TEST(StepDown, EveryFailureHasItsRung) {
  const Row rows[] = {
      {"deaths go down the whole ladder",
       "ggg",
       {{kNobody, "ggc"}, {kNobody, "cgg"}, {kNobody, "ccc"}, {kNobody, "ccc1"}}},
      {"an encoder without sessions", "ggg", {{Stage::encode, "ggc"}, {kNobody, "ccc"}, {kNobody, "ccc1"}}},
      {"a decoder that gives nothing", "ggg", {{Stage::decode, "cgg"}, {Stage::encode, "ccc"}}},
      {"kernels that do not load", "ggg", {{Stage::filters, "ccg"}, {Stage::encode, "ccc"}}},
      {"first the encoder, then the decoder", "ggg", {{Stage::encode, "ggc"}, {Stage::decode, "ccc"}}},
      {"first the decoder, then the kernels", "ggg", {{Stage::decode, "cgg"}, {Stage::filters, "ccg"}}},
      {"no encoder on the card", "ggc", {{kNobody, "ccc"}, {kNobody, "ccc1"}}},
      {"the kernels beside no encoder", "ggc", {{Stage::filters, "ccc"}}},
      {"no decoder for the source", "cgg", {{kNobody, "ccc"}, {kNobody, "ccc1"}}},
      {"the kernels beside no decoder", "cgg", {{Stage::filters, "ccg"}, {kNobody, "ccc"}}},
      {"the encoder alone", "ccg", {{Stage::encode, "ccc"}, {kNobody, "ccc1"}}},
  };
  for (const Row& row : rows) {
    Care care;
    for (const auto& [blamed, after] : row.steps) {
      const auto step = more_careful(plan_on(row.plan), std::nullopt, care, blamed);
      ASSERT_TRUE(step) << row.name << ", before " << after;
      care = step->care;
      Plan plan = plan_on(row.plan);
      take_care(plan, std::nullopt, care);
      EXPECT_EQ(places_of(plan), after) << row.name;
    }
  }
}

// What it makes from then on may have other headers than what is there; also on the device again.
TEST(StepDown, ARenditionThatWasPlannedOnADeviceIsMarked) {
  for (const Stages& on_cpu : {Stages{false, false, true}, Stages{true, false, false}}) {
    Plan plan = plan_on("ggg");
    take_care(plan, std::nullopt, {on_cpu, false, {}});
    EXPECT_TRUE(plan.renditions[0].stepped_down);
    EXPECT_FALSE(plan.renditions[1].stepped_down) << "it was never on the device";
  }
  Plan plan = plan_on("ggg");
  take_care(plan, std::nullopt, {{}, true, {}});
  EXPECT_FALSE(plan.renditions[0].stepped_down);
  EXPECT_TRUE(plan.renditions[0].may_change_headers());
  EXPECT_FALSE(plan.renditions[1].may_change_headers());
  plan = plan_on("ggc");
  take_care(plan, std::nullopt, {{true, true, true}, false, {}});
  EXPECT_FALSE(plan.renditions[0].stepped_down);
}

TEST(StepDown, SaysWhatItMoves) {
  const Plan plan = plan_on("ggg");
  auto step = more_careful(plan, std::nullopt, {}, Stage::encode);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->sentence, "encodes on cpu instead of cuda:0");
  step = more_careful(plan, std::nullopt, {{false, false, true}, false, {}});
  ASSERT_TRUE(step);
  EXPECT_EQ(step->sentence, "decodes on cpu instead of cuda:0, encodes on cuda:0 again");
  step = more_careful(plan_on("ggc"), std::nullopt, {}, Stage::decode);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->sentence, "decodes on cpu instead of cuda:0, filters on cpu instead of cuda:0");
}

// A task that makes an output runs on the CPU alone, and leaves the ranges where they are.
TEST(StepDown, AnOutputsTroubleIsNoneOfTheDevices) {
  const auto step = more_careful(plan_on("ggg"), 0, {});
  ASSERT_TRUE(step);
  Plan plan = plan_on("ggg");
  take_care(plan, std::nullopt, step->care);
  EXPECT_EQ(places_of(plan), "ggg1");
}

TEST(StepDown, AFailureNamesItsStage) {
  for (const Stage stage : {Stage::decode, Stage::filters, Stage::encode}) {
    const Status failure = blamed_on(stage, {Code::device_lost, "gone"});
    EXPECT_EQ(blamed_stage(failure), stage);
    EXPECT_EQ(blamed_stage(failure.under("worker 7")), stage);
    EXPECT_FALSE(is_of_source(failure));
    const Status its_own = of_source(blamed_on(stage, {Code::unsupported, "another size"}));
    EXPECT_EQ(blamed_stage(its_own), stage);
    EXPECT_TRUE(is_of_source(its_own.under("worker 7")));
  }
  EXPECT_EQ(blamed_stage({Code::device_lost, "gone"}), std::nullopt);
  EXPECT_EQ(blamed_stage(Status(Code::unsupported, "no").at_field("stage")), std::nullopt);
  EXPECT_EQ(blamed_stage(Status(Code::unsupported, "no").at_field("stage.mux")), std::nullopt);
  EXPECT_FALSE(is_of_source(Status(Code::unsupported, "no").at_field("input.source")));
}

// As where the device cannot be opened any more: the first stage that is there is to blame.
Status refused_off_the_cpu(const Plan& plan) {
  for (const Stage stage : {Stage::decode, Stage::filters, Stage::encode})
    if (device_of(plan, stage) != kCpu)
      return blamed_on(stage, {Code::unsupported, std::string(name_of(stage))});
  return {};
}

TEST(StepDown, APlanForADeviceIsRefusedStageByStageUntilItIsOnTheCpu) {
  Plan plan = plan_on("ggg");
  Care care;
  std::vector<std::string> refusals;
  while (true) {
    Plan careful = plan;
    take_care(careful, std::nullopt, care);
    const Status status = refused_off_the_cpu(careful);
    if (status.ok()) break;
    refusals.push_back(status.message());
    const auto step = more_careful(plan, std::nullopt, care, blamed_stage(status));
    ASSERT_TRUE(step);
    care = step->care;
  }
  EXPECT_EQ(refusals, (std::vector<std::string>{"decode", "filters", "encode"}));
}

}  // namespace
}  // namespace millrace::engine
