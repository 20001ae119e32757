#include "engine/schedule/event_fan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

TEST(EventFan, TellsEverySubscriberUntilItLeaves) {
  EventFan fan;
  std::vector<std::uint64_t> a;
  std::vector<std::uint64_t> b;
  const int first = fan.subscribe([&](const Event& event) { a.push_back(event.number); });
  fan.subscribe([&](const Event& event) { b.push_back(event.number); });
  fan.tell({1, "", "", ""});
  fan.unsubscribe(first);
  fan.unsubscribe(first);
  fan.tell({2, "", "", ""});
  EXPECT_THAT(a, ElementsAre(1));
  EXPECT_THAT(b, ElementsAre(1, 2));
}

TEST(EventFan, ASubscriberMayLeaveWhileItIsTold) {
  EventFan fan;
  int calls = 0;
  int subscription = 0;
  subscription = fan.subscribe([&](const Event&) {
    ++calls;
    fan.unsubscribe(subscription);
    ++calls;  // what it holds is still there
  });
  fan.tell({1, "", "", ""});
  fan.tell({2, "", "", ""});
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace millrace::engine
