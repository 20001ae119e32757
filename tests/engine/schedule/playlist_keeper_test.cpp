#include "engine/schedule/playlist_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/engine/schedule/gate.h"

namespace millrace::engine {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(PlaylistKeeper, WritesTheFirstChangeAtOnce) {
  Gate written;
  PlaylistKeeper keeper(
      hours(1),
      [&] {
        written.open();
        return Status();
      },
      [](const Status&) {});
  keeper.changed(false);
  written.wait();
}

TEST(PlaylistKeeper, KeepsAPauseBetweenWritesUnlessItIsUrgent) {
  std::atomic<int> writes{0};
  Gate first;
  Gate third;
  {
    PlaylistKeeper keeper(
        hours(1),
        [&] {
          if (++writes == 1) first.open();
          if (writes == 2) third.open();
          return Status();
        },
        [](const Status&) {});
    keeper.changed(false);
    first.wait();
    keeper.changed(false);  // within the hour
    keeper.changed(true);
    third.wait();
    keeper.changed(false);  // within the next hour
  }
  EXPECT_EQ(writes.load(), 2);
}

TEST(PlaylistKeeper, AFailureIsToldOnceAndEndsIt) {
  std::atomic<int> writes{0};
  std::atomic<int> failures{0};
  Gate failed;
  {
    PlaylistKeeper keeper(
        milliseconds(0),
        [&] {
          ++writes;
          return Status(Code::io_error, "broken");
        },
        [&](const Status& status) {
          EXPECT_EQ(status.message(), "broken");
          ++failures;
          failed.open();
        });
    keeper.changed(true);
    failed.wait();
    keeper.changed(true);
  }
  EXPECT_EQ(writes.load(), 1);
  EXPECT_EQ(failures.load(), 1);
}

}  // namespace
}  // namespace millrace::engine
