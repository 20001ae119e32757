#include "engine/store/idempotency_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int64_t kHour = 3'600'000;

class IdempotencyKeysTest : public StoreTest {
 protected:
  void SetUp() override {
    options_.now = [this] { return now_.load(); };
    StoreTest::SetUp();
  }
  std::atomic<std::int64_t> now_{1'700'000'000'000};
};

TEST_F(IdempotencyKeysTest, TheSameBodyGivesTheSameJob) {
  const auto first = store_->submit(new_job(), "key", "body");
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->created);
  reopen();
  const auto again = store_->submit(new_job(), "key", "body");
  ASSERT_TRUE(again.ok()) << to_string(again.status());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->job.id, first->job.id);
  EXPECT_THAT(*store_->queue(), SizeIs(1));
}

TEST_F(IdempotencyKeysTest, AnotherBodyIsRefused) {
  const auto first = store_->submit(new_job(), "key", "body");
  const auto other = store_->submit(new_job(), "key", "another body");
  EXPECT_EQ(other.status().code(), Code::already_exists);
  EXPECT_THAT(other.status().message(), HasSubstr(first->job.id));
  EXPECT_THAT(*store_->queue(), SizeIs(1));
}

TEST_F(IdempotencyKeysTest, AKeyIsForgottenAfterADay) {
  const auto first = store_->submit(new_job(), "key", "body");
  now_ += 24 * kHour - 1;
  EXPECT_FALSE(store_->submit(new_job(), "key", "body")->created);
  now_ += 1;
  const auto later = store_->submit(new_job(), "key", "another body");
  ASSERT_TRUE(later.ok()) << to_string(later.status());
  EXPECT_TRUE(later->created);
  EXPECT_NE(later->job.id, first->job.id);
}

TEST_F(IdempotencyKeysTest, AClockThatIsSetBackByADayForgetsToo) {
  ASSERT_TRUE(store_->submit(new_job(), "key", "body").ok());
  now_ -= 24 * kHour - 1;
  EXPECT_FALSE(store_->submit(new_job(), "key", "body")->created);
  now_ -= 1;
  const auto later = store_->submit(new_job(), "key", "another body");
  ASSERT_TRUE(later.ok()) << to_string(later.status());
  EXPECT_TRUE(later->created);
}

TEST_F(IdempotencyKeysTest, ASweepTakesOutExpiredKeysAlone) {
  ASSERT_TRUE(store_->submit(new_job(), "old", "body").ok());
  now_ += 23 * kHour;
  ASSERT_TRUE(store_->submit(new_job(), "young", "body").ok());
  now_ += 2 * kHour;
  store_.reset();
  auto database = Database::open(folder_.path(), nullptr);
  ASSERT_TRUE(database.ok());
  IdempotencyKeys keys(**database, options_.now);
  ASSERT_TRUE(keys.due());
  ASSERT_TRUE(keys.sweep().ok());
  EXPECT_FALSE(keys.due());
  now_ -= 1;
  EXPECT_TRUE(keys.due()) << "set back";
  EXPECT_FALSE((*(*database)->get(Family::idempotency, "old")).has_value());
  EXPECT_TRUE((*(*database)->get(Family::idempotency, "young")).has_value());
}

TEST_F(IdempotencyKeysTest, AKeyWhoseJobWasDeletedMakesANewOne) {
  Job job = store_->submit(new_job(), "key", "body")->job;
  ASSERT_TRUE(move_to(job, JobState::cancelled).ok());
  ASSERT_TRUE(store_->erase(job.id).ok());
  EXPECT_TRUE(store_->submit(new_job(), "key", "body")->created);
}

TEST_F(IdempotencyKeysTest, OneOfManyAtOnceMakesTheJob) {
  std::atomic<int> created{0};
  std::vector<std::string> ids(8);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < ids.size(); ++t)
    threads.emplace_back([&, t] {
      const auto result = store_->submit(new_job(), "key", "body");
      ASSERT_TRUE(result.ok());
      created += result->created ? 1 : 0;
      ids[t] = result->job.id;
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(created.load(), 1);
  EXPECT_THAT(ids, testing::Each(ids.front()));
  EXPECT_THAT(*store_->queue(), SizeIs(1));
}

}  // namespace
}  // namespace millrace::engine
