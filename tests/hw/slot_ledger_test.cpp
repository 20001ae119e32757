#include "hw/slot_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace millrace::hw {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

static_assert(!std::is_copy_constructible_v<Lease>);
static_assert(std::is_nothrow_move_constructible_v<Lease>);

constexpr Budget kTotal{2000, 1000};

TEST(SlotLedger, GrantsUntilTheBudgetIsSpent) {
  SlotLedger ledger(kTotal);
  const auto first = ledger.try_acquire({1500, 400}, "first");
  ASSERT_TRUE(first);
  EXPECT_FALSE(ledger.try_acquire({501, 0})) << "one millicore too many";
  EXPECT_FALSE(ledger.try_acquire({0, 601})) << "one byte too many";
  const auto second = ledger.try_acquire({500, 600}, "second");
  ASSERT_TRUE(second);
  EXPECT_EQ(ledger.free(), (Budget{0, 0}));
  EXPECT_EQ(ledger.in_use(), (Demand{2000, 1000}));
  EXPECT_EQ(ledger.total(), kTotal);
  EXPECT_FALSE(ledger.try_acquire({1, 0}));
}

TEST(SlotLedger, ALeaseGivesBackAtTheEndOfItsScope) {
  SlotLedger ledger(kTotal);
  {
    const auto lease = ledger.try_acquire({2000, 1000});
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->demand(), (Demand{2000, 1000}));
  }
  EXPECT_EQ(ledger.free(), kTotal);
  EXPECT_TRUE(ledger.try_acquire({2000, 1000}));
}

TEST(SlotLedger, ReleaseGivesBackOnce) {
  SlotLedger ledger(kTotal);
  const auto other = ledger.try_acquire({500, 100});
  auto lease = ledger.try_acquire({1000, 500});
  ASSERT_TRUE(lease);
  lease->release();
  EXPECT_FALSE(lease->held());
  EXPECT_EQ(lease->demand(), (Demand{}));
  lease->release();
  EXPECT_EQ(ledger.in_use(), (Demand{500, 100}));
}

TEST(SlotLedger, AMovedLeaseGivesBackOnce) {
  SlotLedger ledger(kTotal);
  auto granted = ledger.try_acquire({1000, 500});
  ASSERT_TRUE(granted);
  {
    const Lease moved = std::move(*granted);
    EXPECT_TRUE(moved.held());
    EXPECT_FALSE(granted->held());
    granted.reset();
    EXPECT_EQ(ledger.in_use(), (Demand{1000, 500}));
  }
  EXPECT_EQ(ledger.in_use(), (Demand{}));
}

TEST(SlotLedger, MoveAssignmentGivesBackWhatWasHeld) {
  SlotLedger ledger(kTotal);
  auto small = ledger.try_acquire({100, 10});
  auto large = ledger.try_acquire({1000, 500});
  ASSERT_TRUE(small && large);
  *small = std::move(*large);
  EXPECT_EQ(ledger.in_use(), (Demand{1000, 500}));
  EXPECT_EQ(small->demand(), (Demand{1000, 500}));
  large.reset();
  EXPECT_EQ(ledger.in_use(), (Demand{1000, 500}));
}

TEST(SlotLedger, RefusesADemandBelowZero) {
  SlotLedger ledger(kTotal);
  EXPECT_FALSE(ledger.try_acquire({-1, 0}));
  EXPECT_FALSE(ledger.try_acquire({0, -1}));
  EXPECT_EQ(ledger.free(), kTotal);
}

TEST(SlotLedger, AHugeDemandDoesNotOverflow) {
  SlotLedger ledger(kTotal);
  const auto lease = ledger.try_acquire({1, 1});
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_FALSE(ledger.try_acquire({kMost, 0}));
  EXPECT_FALSE(ledger.try_acquire({0, kMost}));
}

TEST(SlotLedger, ListsItsGrantsOldestFirst) {
  SlotLedger ledger(kTotal);
  EXPECT_THAT(ledger.grants(), IsEmpty());
  auto first = ledger.try_acquire({1, 1}, "first");
  const auto second = ledger.try_acquire({2, 2}, "second");
  EXPECT_THAT(ledger.grants(), ElementsAre(Field(&Grant::holder, "first"), Field(&Grant::holder, "second")));
  const std::uint64_t first_id = first->id();
  first.reset();
  const auto third = ledger.try_acquire({3, 3}, "third");
  EXPECT_NE(third->id(), first_id) << "an id is never used twice";
  ASSERT_THAT(ledger.grants(), ElementsAre(Field(&Grant::holder, "second"), Field(&Grant::holder, "third")));
  EXPECT_EQ(ledger.grants()[1].demand, (Demand{3, 3}));
  EXPECT_EQ(ledger.grants()[1].id, third->id());
}

TEST(SlotLedger, ALeaseMayOutliveItsLedger) {
  std::optional<Lease> lease;
  {
    SlotLedger ledger(kTotal);
    lease = ledger.try_acquire({1, 1});
  }
  ASSERT_TRUE(lease);
  EXPECT_TRUE(lease->held());
  lease.reset();
}

// Capacity for three at a time, eight threads: a count of our own must never pass three.
TEST(SlotLedger, ManyThreadsNeverHoldMoreThanTheBudget) {
  constexpr int kCapacity = 3;
  constexpr int kGrantsPerThread = 2000;
  SlotLedger ledger({kCapacity * 1000, kCapacity});
  std::atomic<int> holding{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int granted = 0; granted < kGrantsPerThread;) {
        const auto lease = ledger.try_acquire({1000, 1}, "thread");
        if (!lease) {
          std::this_thread::yield();
          continue;
        }
        ++granted;
        const int now = ++holding;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::yield();
        --holding;  // before the lease ends, so that the count never runs ahead of the ledger
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, kCapacity);
  EXPECT_EQ(ledger.in_use(), (Demand{}));
  EXPECT_THAT(ledger.grants(), IsEmpty());
}

TEST(SlotLedger, EveryResourceIsCountedAndNoneIsGivenTwice) {
  SlotLedger ledger({1000, 10, 1000, 1000, 1000, 100});
  const auto lease = ledger.try_acquire({100, 1, 200, 600, 300, 40});
  ASSERT_TRUE(lease);
  EXPECT_EQ(ledger.free(), (Budget{900, 9, 800, 400, 700, 60}));
  EXPECT_FALSE(ledger.try_acquire({100, 1, 200, 600, 300, 40})) << "the encode engine has no room for two";
  EXPECT_FALSE(ledger.try_acquire({0, 0, 0, 0, 0, -1}));
  EXPECT_TRUE(ledger.try_acquire({900, 9, 800, 400, 700, 60}));
}

// A lease that is granted in one thread ends in another.
TEST(SlotLedger, ALeaseMayEndInAnotherThread) {
  SlotLedger ledger(kTotal);
  auto lease = ledger.try_acquire({2000, 1000});
  ASSERT_TRUE(lease);
  std::thread([moved = std::move(*lease)]() mutable { moved.release(); }).join();
  EXPECT_EQ(ledger.free(), kTotal);
}

}  // namespace
}  // namespace millrace::hw
