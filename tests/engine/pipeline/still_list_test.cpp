#include "engine/pipeline/still_list.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

std::vector<std::int64_t> times(const std::vector<Still>& stills) {
  std::vector<std::int64_t> found;
  for (const Still& still : stills) found.push_back(still.time);
  return found;
}

TEST(StillList, HandsOutGivenTimesInRuns) {
  PlannedStills stills;
  stills.at = {0, 1.001, 2.5};
  StillList list(stills, 10);
  EXPECT_EQ(list.size(), 3);
  EXPECT_THAT(times(list.take(2)), testing::ElementsAre(0, 90'090));
  const std::vector<Still> last = list.take(2);
  EXPECT_THAT(times(last), testing::ElementsAre(225'000));
  EXPECT_EQ(last[0].index, 2);
  EXPECT_TRUE(list.take(1).empty());
}

TEST(StillList, EveryBeginsAtZeroAndEndsBeforeTheMediaDoes) {
  PlannedStills stills;
  stills.every = 2;
  StillList list(stills, 6);
  EXPECT_THAT(times(list.take(100)), testing::ElementsAre(0, 180'000, 360'000));
}

TEST(StillList, TimesDoNotDrift) {
  PlannedStills stills;
  stills.every = 1.0 / 3;
  StillList list(stills, 3600);
  EXPECT_EQ(times(list.take(9001)).back(), 9000 * 30'000);
}

TEST(StillList, WithoutAKnownEndTimesGoOn) {
  PlannedStills stills;
  stills.every = 5;
  StillList list(stills, 0);
  EXPECT_EQ(list.size(), StillList::kEndless);
  EXPECT_EQ(list.take(1000).back().time, 999 * 450'000);
  EXPECT_EQ(list.take(1)[0].index, 1000);
}

}  // namespace
}  // namespace millrace::engine
