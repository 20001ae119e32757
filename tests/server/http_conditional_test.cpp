#include "server/http/conditional.h"

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

constexpr std::time_t kThen = 784111777;  // the RFC's own example
const Validators kNow{"\"a-1\"", kThen};

TEST(HttpDate, IsWrittenAndReadBack) {
  EXPECT_EQ(http_date(kThen), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kThen);
}

TEST(HttpDate, OfAnotherShapeIsNothing) {
  for (const char* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Mon, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 0x Nov 1994 08:49:37 GMT", "Sun, 06 Nix 1994 08:49:37 GMT"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

TEST(Conditional, TagsAreComparedWeaklyForNotModified) {
  EXPECT_TRUE(is_not_modified("\"a-1\"", "", kNow));
  EXPECT_TRUE(is_not_modified("W/\"a-1\"", "", kNow));
  EXPECT_TRUE(is_not_modified("\"x,y\", \"a-1\"", "", kNow));
  EXPECT_TRUE(is_not_modified("*", "", kNow));
  EXPECT_FALSE(is_not_modified("\"b\"", "", kNow));
  EXPECT_FALSE(is_not_modified("a-1", "", kNow));
  EXPECT_FALSE(is_not_modified("\"a-1", "", kNow));
}

TEST(Conditional, TheDateCountsOnlyWithoutATag) {
  EXPECT_TRUE(is_not_modified("", "Sun, 06 Nov 1994 08:49:37 GMT", kNow));
  EXPECT_FALSE(is_not_modified("", "Sun, 06 Nov 1994 08:49:36 GMT", kNow));
  EXPECT_FALSE(is_not_modified("\"b\"", "Sun, 06 Nov 1994 08:49:37 GMT", kNow));
  EXPECT_FALSE(is_not_modified("", "yesterday", kNow));
}

TEST(Conditional, IfRangeWantsExactlyThisContent) {
  EXPECT_TRUE(range_applies("", kNow));
  EXPECT_TRUE(range_applies("\"a-1\"", kNow));
  EXPECT_FALSE(range_applies("W/\"a-1\"", kNow));
  EXPECT_FALSE(range_applies("\"b\"", kNow));
  EXPECT_TRUE(range_applies("Sun, 06 Nov 1994 08:49:37 GMT", kNow));
  EXPECT_FALSE(range_applies("Mon, 07 Nov 1994 08:49:37 GMT", kNow));
}

}  // namespace
}  // namespace millrace::server
