#include "engine/base/ulid.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

system_clock::time_point at(std::int64_t time) { return system_clock::time_point(milliseconds(time)); }

TEST(Ulid, TheSpecificationsTimeReadsTheSame) {
  // github.com/ulid/spec: 1469918176385 ms is 01ARYZ6S41.
  EXPECT_EQ(ulid_at(at(1'469'918'176'385), std::string(10, '\0')), "01ARYZ6S410000000000000000");
  EXPECT_EQ(ulid_at(at(0), std::string(10, '\xff')), "0000000000ZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(ulid_at(at(0), std::string(9, '\0') + "\x01"), "00000000000000000000000001");
}

TEST(Ulid, NamesOfOneProcessAreInOrderAndDiffer) {
  std::string before = new_ulid();
  for (int i = 0; i < 20'000; ++i) {
    const std::string next = new_ulid();
    ASSERT_LT(before, next);
    ASSERT_TRUE(is_ulid(next));
    before = next;
  }
}

TEST(Ulid, ThreadsNeverGetTheSameName) {
  std::vector<std::vector<std::string>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& names : made)
      threads.emplace_back([&names] {
        for (int i = 0; i < 2'000; ++i) names.push_back(new_ulid());
      });
  }
  std::set<std::string> all;
  for (const auto& names : made) all.insert(names.begin(), names.end());
  EXPECT_EQ(all.size(), 8'000U);
}

TEST(Ulid, TellsItsTime) {
  using std::chrono::milliseconds;
  for (const std::int64_t time :
       {std::int64_t{0}, std::int64_t{1'795'201'560'123}, std::int64_t{4'102'444'800'000}}) {
    const std::chrono::system_clock::time_point at{milliseconds(time)};
    EXPECT_EQ(time_of_ulid(ulid_at(at, std::string(10, '\xff'))), time);
  }
  EXPECT_EQ(time_of_ulid("no name"), 0);
}

TEST(Ulid, IsKnownByItsLetters) {
  EXPECT_TRUE(is_ulid("01ARYZ6S410000000000000000"));
  EXPECT_TRUE(is_ulid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  for (const char* text :
       {"", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01ARYZ6S41000000000000000", "01ARYZ6S4100000000000000000",
        "01aryz6s410000000000000000", "01ARYZ6S41000000000000000U", "../../../../../../etc/pass"})
    EXPECT_FALSE(is_ulid(text)) << text;
}

}  // namespace
}  // namespace millrace::engine
