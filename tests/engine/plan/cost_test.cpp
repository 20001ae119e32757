#include "engine/plan/cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/plan/capacity.h"
#include "tests/engine/plan/plans.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;
using testing::Contains;
using testing::DoubleNear;
using testing::Field;

std::vector<std::string> kinds_of(const Plan& plan) {
  std::vector<std::string> kinds;
  for (const Work& each : work_of(plan)) kinds.push_back(each.kind);
  return kinds;
}

AdaptiveOutput with_preset(const std::string& preset, int height = 720) {
  AdaptiveOutput output = test::abr();
  Rung rung;
  rung.height = height;
  output.ladder = {rung};
  output.preset = preset;
  return output;
}

TEST(Work, IsTheDecoderTheRenditionsAndTheSound) {
  const Plan plan = test::plan_of({with_preset("fast")});
  EXPECT_THAT(kinds_of(plan),
              testing::ElementsAre("decode h264", "scale", "encode h264 fast", "check h264", "sound aac"));
  const auto work = work_of(plan);
  EXPECT_NEAR(work[0].units, 1920 * 1080 * 25 / 1e6, 1e-9);
  EXPECT_NEAR(work[2].units, 1280 * 720 * 25 / 1e6, 1e-9);
  EXPECT_NEAR(work[2].picture_units, 1280 * 720 / 1e6, 1e-9);
}

TEST(Work, AFrameRateLimitHalvesTheEncoderAndNotTheDecoder) {
  AdaptiveOutput output = with_preset("fast");
  output.ladder[0].max_frame_rate = {25, 2};
  const auto work = work_of(test::plan_of({output}));
  EXPECT_NEAR(work[0].units, 1920 * 1080 * 25 / 1e6, 1e-9);
  EXPECT_NEAR(work[2].units, 1280 * 720 * 12.5 / 1e6, 1e-9);
}

TEST(Work, OfDevicesIsNotTheCpus) {
  Plan plan = test::plan_of({with_preset("fast")});
  plan.decode_device = plan.filter_device = plan.renditions[0].encode_device = "cuda:0";
  EXPECT_THAT(kinds_of(plan), testing::ElementsAre("check h264", "sound aac"));
}

TEST(Work, OverlaysAreTheCpusButOnNvidia) {
  Plan plan = test::plan_of({with_preset("fast")});
  plan.overlays.resize(1);
  for (const auto& [filters, counted] :
       {std::pair{"cpu", true}, {"vaapi:/dev/dri/renderD128", true}, {"cuda:0", false}}) {
    plan.filter_device = filters;
    EXPECT_EQ(testing::Value(kinds_of(plan), Contains("overlay")), counted) << filters;
  }
}

TEST(Work, StepsBeforeTheLadderCountAtTheSourcesSize) {
  Source source = test::full_hd();
  source.video[0].interlaced = true;
  EXPECT_THAT(work_of(test::plan_of({with_preset("fast")}, source)),
              Contains(testing::AllOf(Field(&Work::kind, "deinterlace"),
                                      Field(&Work::units, DoubleNear(51.84, 0.01)))));
}

TEST(Cost, GrowsWithTheRenditionsAndThePreset) {
  const CostModel reference;
  const auto cores = [&](const Output& output) { return cores_of(test::plan_of({output}), reference); };
  const double one = cores(with_preset("veryfast"));
  EXPECT_GT(one, 0.2);
  EXPECT_LT(one, 1.0);
  EXPECT_GT(cores(with_preset("medium")), 1.5 * one);
  EXPECT_LT(cores(with_preset("ultrafast")), one);
  EXPECT_GT(cores(with_preset("veryfast", 1080)), 1.5 * one);
  EXPECT_GT(cores(test::abr()), cores(with_preset("veryfast", 1080)));
}

TEST(Cost, IsContinuousInThePicturesSize) {
  const CostModel reference;
  double before = 0;
  for (int height = 180; height <= 1080; height += 60) {
    const double now = cores_of(test::plan_of({with_preset("veryfast", height)}), reference);
    EXPECT_GT(now, before) << height;
    EXPECT_TRUE(before == 0 || now < 2.5 * before) << height;
    before = now;
  }
}

// A machine of half the speed, told by one run, is known for all: small renditions too, which are mostly
// decoding, and presets that were not run.
TEST(Cost, LearnsFromWhatRunsCost) {
  CostModel model;
  const Plan told = test::plan_of({test::abr()});
  const double expected = cores_of(told, model);
  EXPECT_TRUE(learn(model, told, 60, 2 * expected * 60 + start_seconds(model), 1));
  EXPECT_NEAR(cores_of(told, model), 2 * expected, 0.001 * expected);
  for (const AdaptiveOutput& output : {with_preset("medium"), with_preset("veryfast", 360)}) {
    const Plan other = test::plan_of({output});
    EXPECT_NEAR(cores_of(other, model) / cores_of(other, CostModel()), 2, 0.01);
  }
}

// What comes later corrects what it is made of most, and spoils little of what was known.
TEST(Cost, ALaterRunMovesWhatItIsMostlyMadeOf) {
  CostModel model;
  const Plan ladder = test::plan_of({test::abr()});
  EXPECT_TRUE(learn(model, ladder, 60, cores_of(ladder, model) * 60, 1));
  const double known = cores_of(ladder, model);
  const Plan slow = test::plan_of({with_preset("medium", 1080)});
  const double expected = cores_of(slow, model);
  EXPECT_TRUE(learn(model, slow, 60, 1.5 * expected * 60, 1));
  EXPECT_GT(cores_of(slow, model), 1.3 * expected);
  EXPECT_NEAR(cores_of(ladder, model), known, 0.03 * known);
}

TEST(Cost, AJobOfManyMovesItALittle) {
  CostModel model;
  const Plan plan = test::plan_of({test::abr()});
  const double expected = cores_of(plan, model);
  EXPECT_TRUE(learn(model, plan, 60, 2 * expected * 60, 0.2));
  EXPECT_GT(cores_of(plan, model), 1.05 * expected);
  EXPECT_LT(cores_of(plan, model), 1.25 * expected);
}

TEST(Cost, WhatCannotBeTeachesNothing) {
  CostModel model;
  const Plan plan = test::plan_of({test::abr()});
  const double expected = cores_of(plan, model) * 60;
  EXPECT_FALSE(learn(model, plan, 60, 0, 1));
  EXPECT_FALSE(learn(model, plan, 0.5, expected / 120, 1)) << "too short to tell";
  EXPECT_FALSE(learn(model, plan, 60, 100 * expected, 1));
  EXPECT_FALSE(learn(model, plan, 60, expected / 100, 1));
  EXPECT_FALSE(learn(model, Plan(), 60, 30, 1)) << "a plan without work";
  EXPECT_EQ(model, CostModel());
}

TEST(Cost, GoesThroughJsonAndRefusesWhatIsNone) {
  CostModel model;
  model.factors = {{"encode h264 veryfast", 1.25}, {"scale", 0.5}};
  const Result<CostModel> again = cost_model_from_json(to_json(model));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, model);
  for (const char* text : {"[]", "{}", R"({"factors": [1]})", R"({"factors": {"scale": 0}})",
                           R"({"factors": {"scale": "1"}})", R"({"factors": {"scale": 1e9}})"}) {
    const auto refused = cost_model_from_json(ordered_json::parse(text));
    EXPECT_EQ(refused.status().code(), Code::corrupt_input) << text;
  }
}

TEST(Capacity, IsTheBudgetOverTheDemandOfAStream) {
  const Plan plan = test::plan_of({with_preset("veryfast")}, nominal_source());
  const hw::Demand demand = demand_of(plan, {});
  EXPECT_GT(demand.millicores, 0);
  EXPECT_GT(demand.memory_bytes, std::int64_t{64} << 20);
  const Capacity four = capacity_of(plan, {}, {4 * demand.millicores + 1, 100 * demand.memory_bytes});
  EXPECT_EQ(four.slots.sessions, 4);
  EXPECT_EQ(four.slots.limited_by, hw::Limit::cores);
  EXPECT_GT(four.disk_bytes_per_second, 100'000);
  const Capacity two = capacity_of(plan, {}, {100 * demand.millicores, 2 * demand.memory_bytes});
  EXPECT_EQ(two.slots.sessions, 2);
  EXPECT_EQ(two.slots.limited_by, hw::Limit::memory);
}

TEST(Capacity, KeepsAnEighthOfTheCoresSpare) {
  const Plan plan = test::plan_of({with_preset("veryfast")}, nominal_source());
  const Capacity one = capacity_of(plan, {}, {1'000'000, std::int64_t{1} << 50});
  EXPECT_NEAR(one.cores, cores_of(plan, {}), 1e-9);
  EXPECT_NEAR(static_cast<double>(one.demand.millicores), one.cores * 8 / 7 * 1000, 1);
  EXPECT_EQ(live_millicores(1.75), 2000);
  EXPECT_EQ(live_millicores(0), 0);
}

// In real time cores do not stretch.
TEST(Capacity, AStreamThatWantsMoreCoresThanThereAreHasNoSlot) {
  const Plan plan = test::plan_of({with_preset("veryslow", 1080)});
  const Capacity none = capacity_of(plan, {}, {1000, std::int64_t{64} << 30});
  EXPECT_GT(none.demand.millicores, 1000);
  EXPECT_EQ(none.slots.sessions, 0);
  EXPECT_EQ(none.slots.limited_by, hw::Limit::cores);
}

}  // namespace
}  // namespace millrace::engine
