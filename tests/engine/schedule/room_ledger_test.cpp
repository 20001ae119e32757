#include "engine/schedule/room_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::int64_t kMega = 1'000'000;

class RoomLedgerTest : public testing::Test {
 protected:
  std::int64_t free_ = 100 * kMega;
  RoomLedger room_{{[this] { return Result<std::int64_t>(free_); }, 10 * kMega, 1000 * kMega}};
};

TEST_F(RoomLedgerTest, WhatOneJobReservesTheNextDoesNotFind) {
  EXPECT_TRUE(room_.reserve("a", {60 * kMega, 0}).ok());
  const Status none = room_.reserve("b", {60 * kMega, 0});
  EXPECT_EQ(none.code(), Code::resource_exhausted);
  EXPECT_THAT(none.message(), AllOf(HasSubstr("70 MB are needed"), HasSubstr("100 MB are free"),
                                    HasSubstr("reserved 60 MB")));
  EXPECT_TRUE(room_.reserve("c", {30 * kMega, 0}).ok());
  room_.release("a", false);
  EXPECT_TRUE(room_.reserve("b", {60 * kMega, 0}).ok());
}

TEST_F(RoomLedgerTest, WhatIsWrittenIsNotReservedAnyMore) {
  ASSERT_TRUE(room_.reserve("a", {60 * kMega, 0}).ok());
  room_.wrote("a", 40 * kMega);
  free_ -= 40 * kMega;
  EXPECT_TRUE(room_.reserve("b", {30 * kMega, 0}).ok());
  EXPECT_FALSE(room_.reserve("b", {31 * kMega, 0}).ok());
  room_.wrote("a", 400 * kMega);  // more than was estimated
  EXPECT_TRUE(room_.reserve("b", {50 * kMega, 0}).ok());
  room_.wrote("nobody", 1);
}

TEST_F(RoomLedgerTest, TheStoresShareStaysFree) {
  EXPECT_FALSE(room_.reserve("a", {91 * kMega, 0}).ok());
  EXPECT_TRUE(room_.reserve("a", {90 * kMega, 0}).ok());
  EXPECT_EQ(kept_free_of(0), 64 << 20);
  EXPECT_EQ(kept_free_of(1'600'000), 100'000);
  EXPECT_EQ(kept_free_of(std::int64_t{1} << 40), 64 << 20);
}

TEST_F(RoomLedgerTest, MemoryIsSharedButStretchesForAJobThatIsAlone) {
  EXPECT_TRUE(room_.reserve("a", {0, 5000 * kMega}).ok());
  const Status none = room_.reserve("b", {0, 1});
  EXPECT_EQ(none.code(), Code::resource_exhausted);
  EXPECT_THAT(none.message(), AllOf(HasSubstr("memory"), HasSubstr("5000 MB of 1000 MB")));
  room_.release("a", false);
  EXPECT_TRUE(room_.reserve("b", {0, 600 * kMega}).ok());
  EXPECT_TRUE(room_.reserve("c", {0, 400 * kMega}).ok());
  EXPECT_FALSE(room_.reserve("d", {0, 1}).ok());
}

TEST_F(RoomLedgerTest, RemembersWhatAJobLacked) {
  ASSERT_FALSE(room_.reserve("a", {200 * kMega, 0}).ok());
  EXPECT_THAT(room_.lacking(), testing::ElementsAre("a"));
  EXPECT_FALSE(room_.reserve_again("a").ok());
  free_ = 210 * kMega;
  EXPECT_TRUE(room_.reserve_again("a").ok());
  EXPECT_FALSE(room_.reserve("b", {1, 0}).ok()) << "it is promised to a";
  EXPECT_TRUE(room_.reserve("a", {150 * kMega, 0}).ok()) << "instead of the promise";
  EXPECT_THAT(room_.lacking(), testing::ElementsAre("b"));
  EXPECT_TRUE(room_.reserve("b", {50 * kMega, 0}).ok());
}

TEST_F(RoomLedgerTest, ARunThatFoundTheDiskFullLacksWhatItHadYetToWrite) {
  ASSERT_TRUE(room_.reserve("a", {60 * kMega, 0}).ok());
  room_.wrote("a", 20 * kMega);
  room_.release("a", true);
  free_ = 49 * kMega;
  EXPECT_FALSE(room_.reserve_again("a").ok());
  free_ = 50 * kMega;
  EXPECT_TRUE(room_.reserve_again("a").ok());
  room_.forget("a");
  EXPECT_TRUE(room_.reserve("b", {40 * kMega, 0}).ok());
  EXPECT_TRUE(room_.reserve_again("nobody knows what it lacked").ok());
  free_ -= 1;
  EXPECT_FALSE(room_.reserve_again("nobody knows what it lacked").ok()) << "the store's share is touched";
}

TEST_F(RoomLedgerTest, TellsWhenTheDiskIsNearlyFull) {
  EXPECT_TRUE(room_.nearly_full().ok());
  free_ = 5 * kMega;
  EXPECT_TRUE(room_.nearly_full().ok());
  free_ = 5 * kMega - 1;
  EXPECT_EQ(room_.nearly_full().code(), Code::resource_exhausted);
  EXPECT_THAT(room_.nearly_full().message(), HasSubstr("5 MB are free, 10 MB are kept"));
}

}  // namespace
}  // namespace millrace::engine
