#include "engine/pipeline/fan_out.h"

#include <gmock/gmock.h>

#include <future>
#include <numeric>

#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {
namespace {

std::vector<std::int64_t> counted(int count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

// Holds its first frame until it is let go.
class BlockedSink final : public Sink<FramePtr> {
 public:
  Status push(FramePtr) override {
    entered.set_value();
    go.get_future().wait();
    return {};
  }
  Status finish() override { return {}; }
  std::promise<void> entered;
  std::promise<void> go;
};

TEST(FanOut, GivesEveryBranchEveryFrameInOrder) {
  FirstFailure failure;
  CollectingSink a;
  CollectingSink b;
  FanOut fan_out(failure, 8);
  fan_out.add(a);
  fan_out.add(b);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(fan_out.push(picture(i)).ok());
  ASSERT_TRUE(fan_out.finish().ok());
  EXPECT_EQ(a.pts, counted(100));
  EXPECT_EQ(b.pts, counted(100));
  EXPECT_TRUE(a.finished && b.finished);
  EXPECT_EQ(a.frames[7]->data[0], b.frames[7]->data[0]) << "the picture is shared";
}

TEST(FanOut, TellsTheFailureOfABranchWhereverItHappens) {
  for (int fail_at = 0; fail_at < 40; fail_at += 3) {
    FirstFailure failure;
    CollectingSink good;
    CollectingSink bad(fail_at);
    FanOut fan_out(failure, 8);
    fan_out.add(good);
    fan_out.add(bad);
    Status status;
    for (int i = 0; i < 40 && status.ok(); ++i) status = fan_out.push(picture(i));
    if (status.ok()) status = fan_out.finish();
    EXPECT_EQ(status.code(), Code::io_error) << fail_at;
    EXPECT_EQ(status.message(), "this sink fails");
    EXPECT_FALSE(bad.finished);
  }
}

TEST(FanOut, QueuesFewerPicturesTheLargerTheyAre) {
  EXPECT_EQ(FanOut::queued_frames_for(640, 360), 48u);
  EXPECT_EQ(FanOut::queued_frames_for(1920, 1080), 30u);
  EXPECT_EQ(FanOut::queued_frames_for(3840, 2160), 7u);
  EXPECT_EQ(FanOut::queued_frames_for(16384, 16384), 4u);
  EXPECT_EQ(FanOut::queued_frames_for(0, 0), 48u);
}

TEST(FanOut, StopsWhileAQueueIsFull) {
  std::stop_source stop;
  FirstFailure failure(stop.get_token());
  BlockedSink blocked;
  FanOut fan_out(failure, 8);
  fan_out.add(blocked);
  Status status;
  std::thread producer([&] {
    while (status.ok()) status = fan_out.push(picture(0));
  });
  blocked.entered.get_future().wait();
  stop.request_stop();
  producer.join();
  EXPECT_EQ(status.code(), Code::cancelled);
  blocked.go.set_value();
}

TEST(FanOut, IsGivenUpWithoutAFinish) {
  FirstFailure failure;
  CollectingSink sink;
  {
    FanOut fan_out(failure, 8);
    fan_out.add(sink);
    ASSERT_TRUE(fan_out.push(picture(0)).ok());
  }
  EXPECT_FALSE(sink.finished);
}

TEST(FirstFailure, KeepsTheFirst) {
  FirstFailure failure;
  EXPECT_TRUE(failure.status().ok());
  failure.report(Status(Code::io_error, "one"));
  failure.report(Status(Code::internal, "two"));
  EXPECT_EQ(failure.status().message(), "one");
  EXPECT_TRUE(failure.token().stop_requested());
}

TEST(FirstFailure, IsCancelledByTheOuterStop) {
  std::stop_source stop;
  FirstFailure failure(stop.get_token());
  stop.request_stop();
  EXPECT_EQ(failure.status().code(), Code::cancelled);
}

}  // namespace
}  // namespace millrace::engine
