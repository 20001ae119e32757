#include "engine/schedule/worker_deaths.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

const Status kDied(Code::device_lost, "worker 7 died of signal 9 (Killed)");

TEST(WorkerDeaths, TheThirdInARowIsTheLast) {
  WorkerDeaths deaths;
  EXPECT_TRUE(deaths.another(kDied, 0, {}, "the range"));
  EXPECT_TRUE(deaths.another(kDied, 0, {}, "the range"));
  EXPECT_FALSE(deaths.another(kDied, 0, {}, "the range"));
}

TEST(WorkerDeaths, OneThatGotFurtherThanAnyBeforeDoesNotCount) {
  WorkerDeaths deaths(5);
  EXPECT_TRUE(deaths.another(kDied, 5, {}, "the range"));  // no further than before the first
  EXPECT_TRUE(deaths.another(kDied, 7, {}, "the range"));
  EXPECT_TRUE(deaths.another(kDied, 6, {}, "the range"));
  EXPECT_TRUE(deaths.another(kDied, 7, {}, "the range"));
  EXPECT_FALSE(deaths.another(kDied, 7, {}, "the range"));
}

TEST(WorkerDeaths, OtherFailuresAndAStopEndTheTask) {
  WorkerDeaths deaths;
  EXPECT_FALSE(deaths.another({Code::corrupt_input, "damaged"}, 0, {}, "the range"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(deaths.another(kDied, 0, stop.get_token(), "the range"));
}

}  // namespace
}  // namespace millrace::engine
