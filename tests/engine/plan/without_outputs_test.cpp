#include "engine/plan/without_outputs.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/engine/plan/plans.h"

namespace millrace::engine::test {
namespace {

using testing::Contains;
using testing::Not;

// The ladder, and a file of a shape that the ladder does not have.
Plan two_outputs() {
  FileOutput file = web();
  file.height = 600;
  return plan_of({abr(), file});
}

TEST(WithoutOutputs, NobodyLeftOutLeavesThePlan) {
  const Plan plan = two_outputs();
  EXPECT_EQ(to_json(without_outputs(plan, {})), to_json(plan));
  EXPECT_EQ(to_json(without_outputs(plan, {"other"})), to_json(plan));
}

TEST(WithoutOutputs, TracksThatOnlyTheOutputUsedGoWithIt) {
  const Plan plan = two_outputs();
  ASSERT_THAT(folders(plan), Contains(".parts/web"));
  const Plan left = without_outputs(plan, {"web"});
  ASSERT_EQ(left.outputs.size(), 1U);
  EXPECT_EQ(left.outputs.front().name, "abr");
  EXPECT_THAT(folders(left), Not(Contains(".parts/web")));
  EXPECT_THAT(folders(left), Contains("abr/1080p"));
  EXPECT_EQ(left.clock.start_of(3), plan.clock.start_of(3));
}

TEST(WithoutOutputs, TracksThatAnotherOutputUsesStay) {
  const Plan plan = plan_of({abr(), web()});
  const auto file = std::find_if(plan.outputs.begin(), plan.outputs.end(),
                                 [](const PlannedOutput& each) { return each.name == "web"; });
  ASSERT_NE(file, plan.outputs.end());
  ASSERT_FALSE(file->renditions.empty());
  const Plan left = without_outputs(plan, {"abr"});
  for (const auto* used : {&file->renditions, &file->sounds})
    for (const std::string& track : *used) EXPECT_THAT(folders(left), Contains(track));
}

TEST(WithoutOutputs, KnowsWhatIsWanted) {
  const Plan plan = two_outputs();
  EXPECT_TRUE(is_wanted(plan, "abr/1080p", {}));
  EXPECT_TRUE(is_wanted(plan, "web.mp4", {"abr"}));
  EXPECT_FALSE(is_wanted(plan, "web.mp4", {"web"}));
  EXPECT_FALSE(is_wanted(plan, "abr/1080p", {"abr"}));
  EXPECT_FALSE(is_wanted(plan, "nobody's", {}));
}

}  // namespace
}  // namespace millrace::engine::test
