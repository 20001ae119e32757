#include "engine/schedule/core_shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CoreShares, OneJobGetsThemAll) { EXPECT_THAT(share_cores(8, {0}), ElementsAre(8)); }
TEST(CoreShares, JobsShareEvenlyAndTheFirstOnesGetTheRest) {
  EXPECT_THAT(share_cores(8, {0, 0}), ElementsAre(4, 4));
  EXPECT_THAT(share_cores(8, {0, 0, 0}), ElementsAre(3, 3, 2));
}
TEST(CoreShares, WhatAJobDoesNotTakeGoesToTheOthers) {
  EXPECT_THAT(share_cores(8, {1, 0}), ElementsAre(1, 7));
  EXPECT_THAT(share_cores(8, {2, 3}), ElementsAre(2, 3));
}
TEST(CoreShares, FewerCoresThanJobsMeanFewerJobs) {
  EXPECT_THAT(share_cores(2, {0, 0, 0}), ElementsAre(1, 1));
}
TEST(CoreShares, NoCoresNoJobs) {
  EXPECT_THAT(share_cores(0, {0}), IsEmpty());
  EXPECT_THAT(share_cores(-1, {0}), IsEmpty());
  EXPECT_THAT(share_cores(4, {}), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
