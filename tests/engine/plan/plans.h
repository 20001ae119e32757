// Jobs and their plans in few words, for tests of the planner.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/plan/planner.h"
#include "tests/engine/plan/sources.h"

namespace millrace::engine::test {

inline AdaptiveOutput abr() {
  AdaptiveOutput output;
  output.name = "abr";
  return output;
}
inline FileOutput web() {
  FileOutput output;
  output.name = "web";
  return output;
}
inline JobSpec spec_of(std::vector<Output> outputs) {
  JobSpec spec;
  spec.input_url = "file:///media/clip.mp4";
  spec.outputs = std::move(outputs);
  return spec;
}

inline Plan plan_of(std::vector<Output> outputs, const Source& source = full_hd(), int cores = 2) {
  const Result<Plan> plan = make_plan(source, spec_of(std::move(outputs)), without_gpu(), cores);
  EXPECT_TRUE(plan.ok()) << to_string(plan.status());
  return plan.value_or({});
}
inline Status refusal_of(std::vector<Output> outputs, const Source& source = full_hd()) {
  return make_plan(source, spec_of(std::move(outputs)), without_gpu(), 2).status();
}

inline std::vector<std::string> folders(const Plan& plan) {
  std::vector<std::string> all;
  for (const auto& each : plan.renditions) all.push_back(each.folder);
  for (const auto& each : plan.sounds) all.push_back(each.folder);
  return all;
}

inline const Decision& decision(const Plan& plan, const std::string& stage) {
  static const Decision none;
  for (const Decision& each : plan.decisions)
    if (each.stage == stage) return each;
  ADD_FAILURE() << "no decision about " << stage;
  return none;
}

}  // namespace millrace::engine::test
