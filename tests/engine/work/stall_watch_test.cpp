#include "engine/work/stall_watch.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const StallWatch::Time kStart{seconds(1000)};

TEST(StallWatch, OneThatDoesNothingIsStuckWhenPatienceIsAtItsEnd) {
  const StallWatch watch(seconds(30), kStart);
  EXPECT_FALSE(watch.stuck(kStart + seconds(30) - milliseconds(1)));
  EXPECT_TRUE(watch.stuck(kStart + seconds(30)));
  EXPECT_EQ(watch.deadline(), kStart + seconds(30));
  EXPECT_EQ(watch.idle(kStart + seconds(41)), seconds(41));
}

TEST(StallWatch, OneThatIsSlowIsNotStuckAsLongAsItsWorkGrows) {
  StallWatch watch(seconds(30), kStart);
  for (int round = 1; round <= 100; ++round) {
    EXPECT_FALSE(watch.stuck(kStart + seconds(29 * round)));
    watch.done(round, kStart + seconds(29 * round));
  }
  EXPECT_TRUE(watch.stuck(kStart + seconds(2900 + 30)));
}

TEST(StallWatch, TheSameWorkToldAgainIsNoWork) {
  StallWatch watch(seconds(30), kStart);
  watch.done(7, kStart + seconds(10));
  watch.done(7, kStart + seconds(20));
  watch.done(6, kStart + seconds(30));
  EXPECT_TRUE(watch.stuck(kStart + seconds(40)));
}

TEST(StallWatch, ASegmentCountsWithoutAWordOfWork) {
  StallWatch watch(seconds(30), kStart);
  watch.got_on(kStart + seconds(25));
  EXPECT_FALSE(watch.stuck(kStart + seconds(54)));
}

}  // namespace
}  // namespace millrace::engine
