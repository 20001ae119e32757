#include "engine/store/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine::keys {
namespace {

constexpr const char* kOld = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
constexpr const char* kYoung = "01BX5ZZKBKACTAV9WEVGEMMVRZ";

TEST(Keys, NumbersSortAsTheyCount) {
  EXPECT_LT(number(0), number(1));
  EXPECT_LT(number(255), number(256));
  EXPECT_LT(number(1ULL << 40), number(1ULL << 63));
  EXPECT_EQ(number_at("ab" + number(1'234'567'890'123), 2), 1'234'567'890'123U);
  EXPECT_EQ(number_at("short", 0), std::nullopt);
}

TEST(Keys, TheQueueGoesByPriorityThenAge) {
  EXPECT_LT(queue(90, kYoung), queue(50, kOld));
  EXPECT_LT(queue(50, kOld), queue(50, kYoung));
  EXPECT_LT(queue(1, kYoung), queue(0, kOld));
  EXPECT_EQ(job_of(queue(50, kOld)), kOld);
  EXPECT_EQ(priority_of(queue(50, kOld)), 50);
  EXPECT_EQ(priority_of(queue(0, kOld)), 0);
}

TEST(Keys, SegmentsSortByTrackAndIndexUnderTheirJob) {
  EXPECT_LT(segment(kOld, "abr/720p", 9), segment(kOld, "abr/720p", 10));
  EXPECT_TRUE(segment(kOld, "abr/720p", 9).starts_with(track_prefix(kOld, "abr/720p")));
  EXPECT_TRUE(segment(kOld, "abr/720p", 9).starts_with(segments_prefix(kOld)));
  EXPECT_FALSE(segment(kOld, "abr/720p2", 9).starts_with(track_prefix(kOld, "abr/720p")));
  EXPECT_FALSE(end(kOld, "abr/720p").starts_with(segments_prefix(kOld)));
}

TEST(Keys, ATagIsNoPrefixOfALongerOne) {
  EXPECT_FALSE(tag("a=12", kOld).starts_with(tag_prefix("a=1")));
  EXPECT_TRUE(tag("a=1", kOld).starts_with(tag_prefix("a=1")));
  EXPECT_EQ(job_of(tag("a=1", kOld)), kOld);
}

TEST(Keys, AfterAPrefixComesNothingThatBearsIt) {
  EXPECT_EQ(after("ab"), "ac");
  EXPECT_EQ(after("a\xff"), "b");
  EXPECT_EQ(after("\xff\xff"), "");
  EXPECT_GT(after(kOld), std::string(kOld) + "\xff\xff");
}

}  // namespace
}  // namespace millrace::engine::keys
