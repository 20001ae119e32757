#include "bench/stop_flag.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>

namespace millrace::bench {
namespace {

TEST(StopFlag, StaysRequestedAndCanBePolled) {
  StopFlag flag;
  EXPECT_FALSE(flag.requested());
  flag.request();
  flag.request();
  EXPECT_TRUE(flag.requested());
  EXPECT_TRUE(flag.requested());
  pollfd waited{flag.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&waited, 1, 0), 1);
}

TEST(StopFlag, ARequestEndsAWait) {
  StopFlag flag;
  flag.request();
  flag.wait(std::chrono::hours(1));  // would outlast the test's own limit
}

TEST(StopOnSignals, BothSignalsRequestTheStop) {
  for (const int number : {SIGINT, SIGTERM}) {
    StopFlag flag;
    const StopOnSignals on_signals(flag);
    ::raise(number);
    EXPECT_TRUE(flag.requested()) << number;
  }
}

TEST(StopOnSignals, PutsBackWhatWasThere) {
  struct sigaction before {};
  struct sigaction after {};
  ::sigaction(SIGINT, nullptr, &before);
  {
    StopFlag flag;
    const StopOnSignals on_signals(flag);
  }
  ::sigaction(SIGINT, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

}  // namespace
}  // namespace millrace::bench
