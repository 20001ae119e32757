#include "server/events/event_hub.h"

#include <gmock/gmock.h>

#include <atomic>

#include "server/events/sse.h"
#include "tests/server/fake_jobs.h"

namespace millrace::server {
namespace {

using testing::ElementsAre;

std::vector<std::uint64_t> numbers(EventQueue& queue) {
  std::vector<std::uint64_t> all;
  for (const auto& frame : queue.take()) all.push_back(frame->number);
  return all;
}

TEST(Sse, FrameCarriesNumberTypeAndJob) {
  EXPECT_EQ(sse_frame({7, "01J", "segment", R"({"index":3})"}),
            "id: 7\nevent: segment\ndata: {\"job_id\":\"01J\",\"index\":3}\n\n");
  EXPECT_EQ(sse_frame({8, "01J", "queued", ""}), "id: 8\nevent: queued\ndata: {\"job_id\":\"01J\"}\n\n");
  EXPECT_EQ(sse_frame({9, "01J", "odd", "not json"}), "id: 9\nevent: odd\ndata: {\"job_id\":\"01J\"}\n\n");
}

TEST(EventHub, GivesEachListenerTheEventsOfItsJob) {
  test::FakeJobs jobs;
  EventHub hub(jobs);
  jobs.announce("a", "queued");
  int woken = 0;
  const auto all = hub.listen("", 10000, [&] { ++woken; });
  const auto of_b = hub.listen("b", 10000, [] {});
  jobs.announce("a", "started");
  jobs.announce("b", "queued");
  EXPECT_THAT(numbers(*all), ElementsAre(2, 3));
  EXPECT_THAT(numbers(*of_b), ElementsAre(3));
  EXPECT_THAT(numbers(*all), ElementsAre());
  EXPECT_EQ(woken, 2);
}

TEST(EventHub, QueueThatIsFullTakesNothingMoreAndSaysSo) {
  test::FakeJobs jobs;
  EventHub hub(jobs);
  const auto slow = hub.listen("", 100, [] {});
  const auto other = hub.listen("", 100000, [] {});
  for (int i = 0; i < 10; ++i) jobs.announce("a", "progress");
  EXPECT_TRUE(slow->overflowed());
  EXPECT_THAT(numbers(*slow), ElementsAre());
  EXPECT_EQ(numbers(*other).size(), 10U);
  slow->restart();
  jobs.announce("a", "progress");
  EXPECT_FALSE(slow->overflowed());
  EXPECT_THAT(numbers(*slow), ElementsAre(11));
}

TEST(EventHub, ForgetsQueuesThatWereLetGoAndIsSilentOnceClosed) {
  test::FakeJobs jobs;
  auto hub = std::make_unique<EventHub>(jobs);
  std::atomic<int> woken = 0;
  auto gone = hub->listen("", 10000, [&] { ++woken; });
  const auto kept = hub->listen("", 10000, [&] { ++woken; });
  gone.reset();
  jobs.announce("a", "queued");
  EXPECT_EQ(woken, 1);
  hub->close();
  jobs.announce("a", "started");
  EXPECT_EQ(woken, 1);
  hub.reset();
  EXPECT_EQ(jobs.listeners(), 0);
}

}  // namespace
}  // namespace millrace::server
