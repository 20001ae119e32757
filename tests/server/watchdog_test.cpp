#include "server/edge/watchdog.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

namespace millrace::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Watchdog, CallsAgainUntilItIsDisarmed) {
  boost::asio::io_context context;
  int calls = 0;
  Watchdog* watched = nullptr;
  Watchdog watchdog(context.get_executor(), [&] {
    if (++calls == 3) watched->disarm();
  });
  watched = &watchdog;
  watchdog.arm(milliseconds(1));
  context.run();
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(watchdog.expired());
}

TEST(Watchdog, EachDeadlineIsMissedByItself) {
  boost::asio::io_context context;
  Watchdog* watched = nullptr;
  Watchdog watchdog(context.get_executor(), [&] { watched->disarm(); });
  watched = &watchdog;
  watchdog.arm(milliseconds(1));
  context.run();
  watchdog.arm(hours(1));
  EXPECT_FALSE(watchdog.expired());
  watchdog.disarm();
  context.restart();
  context.run();
  EXPECT_FALSE(watchdog.expired());
}

TEST(Watchdog, CallsNobodyOnceItIsGone) {
  boost::asio::io_context context;
  int calls = 0;
  std::optional<Watchdog> watchdog(std::in_place, context.get_executor(), [&] { ++calls; });
  watchdog->arm(milliseconds(0));
  watchdog.reset();
  context.run();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace millrace::server
