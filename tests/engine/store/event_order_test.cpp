#include "engine/store/event_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

Event event(std::uint64_t number) { return Event{number, "job", "type", ""}; }

TEST(EventOrder, CountsOnFromWhereItStarts) {
  EventOrder order;
  order.start_after(41);
  EXPECT_EQ(order.settled(), 41U);
  EXPECT_EQ(order.take(), 42U);
  order.finish(42, event(42));
  EXPECT_EQ(order.settled(), 42U);
}

TEST(EventOrder, HoldsALaterEventBackUntilTheEarlierIsSettled) {
  EventOrder order;
  std::vector<std::uint64_t> heard;
  order.set_listener([&](const Event& each) { heard.push_back(each.number); });
  const std::uint64_t first = order.take();
  const std::uint64_t second = order.take();
  std::promise<void> begun;
  std::thread later([&] {
    begun.set_value();
    order.finish(second, event(second));
  });
  begun.get_future().wait();
  EXPECT_EQ(order.settled(), 0U);  // whether or not the other thread got there
  order.finish(first, event(first));
  later.join();
  EXPECT_THAT(heard, ElementsAre(1, 2));
  EXPECT_EQ(order.settled(), 2U);
}

TEST(EventOrder, PassesOverAnEventThatCouldNotBeWritten) {
  EventOrder order;
  std::vector<std::uint64_t> heard;
  order.set_listener([&](const Event& each) { heard.push_back(each.number); });
  order.finish(order.take(), std::nullopt);
  const std::uint64_t second = order.take();
  order.finish(second, event(second));
  EXPECT_THAT(heard, ElementsAre(2));
}

TEST(EventOrder, TheListenerFindsItsEventSettled) {
  EventOrder order;
  std::vector<std::uint64_t> settled;
  order.set_listener([&](const Event&) { settled.push_back(order.settled()); });
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t number = order.take();
    order.finish(number, event(number));
  }
  EXPECT_THAT(settled, ElementsAre(1, 2));
}

TEST(EventOrder, ManyThreadsAreToldInOrderAndOneAtATime) {
  EventOrder order;
  std::vector<std::uint64_t> heard;  // no lock: the order is one
  order.set_listener([&](const Event& each) { heard.push_back(each.number); });
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const std::uint64_t number = order.take();
        order.finish(number, number % 7 == 0 ? std::nullopt : std::optional<Event>(event(number)));
      }
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(order.settled(), 1'600U);
  EXPECT_EQ(heard.size(), 1'600U - 1'600U / 7);
  EXPECT_TRUE(std::is_sorted(heard.begin(), heard.end()));
}

}  // namespace
}  // namespace millrace::engine
