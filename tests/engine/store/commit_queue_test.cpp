#include "engine/store/commit_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

// Writes nothing, and ends a write when the test says so.
class Disk {
 public:
  Status write(std::span<rocksdb::WriteBatch* const> batches) {
    std::unique_lock lock(mutex_);
    writes.push_back(batches.size());
    begun_.notify_all();
    may_end_.wait(lock, [this] { return allowed_ > 0; });
    --allowed_;
    return next;
  }
  void wait_for_writes(std::size_t count) {
    std::unique_lock lock(mutex_);
    begun_.wait(lock, [&] { return writes.size() >= count; });
  }
  void allow(int count) {
    const std::lock_guard lock(mutex_);
    allowed_ += count;
    may_end_.notify_all();
  }

  std::vector<std::size_t> writes;  // how many batches each had
  Status next;

 private:
  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable may_end_;
  int allowed_ = 0;
};

class CommitQueueTest : public testing::Test {
 protected:
  std::future<Status> commit() {
    return std::async(std::launch::async, [this] {
      rocksdb::WriteBatch batch;
      return queue_.commit(batch);
    });
  }

  Disk disk_;
  std::chrono::nanoseconds patience_{0};
  CommitQueue queue_{[this](auto batches) { return disk_.write(batches); },
                     [this](auto) { return patience_; }};
};

TEST_F(CommitQueueTest, ALoneWriterExpectsNobody) {
  patience_ = 1h;
  disk_.allow(3);
  for (int i = 0; i < 3; ++i) {
    rocksdb::WriteBatch batch;
    EXPECT_TRUE(queue_.commit(batch).ok());
  }
  EXPECT_THAT(disk_.writes, ElementsAre(1, 1, 1));
}

TEST_F(CommitQueueTest, WhoWroteLastIsWaitedFor) {
  patience_ = 1h;
  auto first = commit();
  disk_.wait_for_writes(1);
  auto second = commit();
  auto third = commit();
  while (queue_.waiting() < 2) std::this_thread::yield();
  disk_.allow(1);
  ASSERT_TRUE(first.get().ok());
  first = commit();  // comes back
  disk_.allow(100);
  for (auto* each : {&first, &second, &third}) ASSERT_TRUE(each->get().ok());
  EXPECT_THAT(disk_.writes, ElementsAre(1, 3));
}

TEST_F(CommitQueueTest, WhoStaysAwayIsWaitedForNoLongerThanPatienceLasts) {
  auto first = commit();
  disk_.wait_for_writes(1);
  auto second = commit();
  while (queue_.waiting() < 1) std::this_thread::yield();
  disk_.allow(2);
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  EXPECT_THAT(disk_.writes, ElementsAre(1, 1));
}

TEST_F(CommitQueueTest, AFailureIsEveryMembersFailureAndTheNextWriteIsTriedAgain) {
  auto first = commit();
  disk_.wait_for_writes(1);
  disk_.next = Status(Code::resource_exhausted, "full");
  disk_.allow(1);
  EXPECT_EQ(first.get().code(), Code::resource_exhausted);
  disk_.next = {};
  disk_.allow(1);
  EXPECT_TRUE(commit().get().ok());
}

TEST(CommitQueuePatience, IsAQuarterOfTheWriteBeforeAndAMillisecondAtMost) {
  EXPECT_EQ(CommitQueue::a_quarter_of_a_write(40us), 10us);
  EXPECT_EQ(CommitQueue::a_quarter_of_a_write(4ms), 1ms);
  EXPECT_EQ(CommitQueue::a_quarter_of_a_write(1s), 1ms);
  EXPECT_EQ(CommitQueue::a_quarter_of_a_write(0ns), 0ns);
}

}  // namespace
}  // namespace millrace::engine
