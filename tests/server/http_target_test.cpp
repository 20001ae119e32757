#include "server/http/target.h"

#include <gmock/gmock.h>

namespace millrace::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Target, TakesPathAndQueryApart) {
  const auto target = parse_target("/v1/jobs/a%20b?limit=5&tag=k%3Dv&flag");
  ASSERT_TRUE(target.ok());
  EXPECT_THAT(target->segments, ElementsAre("v1", "jobs", "a b"));
  EXPECT_THAT(target->query, ElementsAre(Pair("flag", ""), Pair("limit", "5"), Pair("tag", "k=v")));
  EXPECT_EQ(path_of(*target), "/v1/jobs/a%20b");
  EXPECT_EQ(to_string(*target), "/v1/jobs/a%20b?flag=&limit=5&tag=k%3Dv");
}

TEST(Target, OfTheRootHasNoSegments) {
  EXPECT_THAT(parse_target("/")->segments, IsEmpty());
  EXPECT_EQ(path_of(*parse_target("/")), "/");
  EXPECT_THAT(parse_target("/?a=b")->segments, IsEmpty());
}

TEST(Target, KeepsATrailingSlashApart) {
  EXPECT_THAT(parse_target("/v1/jobs/")->segments, ElementsAre("v1", "jobs", ""));
}

TEST(Target, TakesTheAbsoluteForm) {
  EXPECT_EQ(path_of(*parse_target("http://host:80/v1/jobs")), "/v1/jobs");
  EXPECT_EQ(path_of(*parse_target("http://host")), "/");
}

TEST(Target, ReadsPlusAsSpaceInTheQueryOnly) {
  const auto target = parse_target("/a+b?c=d+e");
  EXPECT_THAT(target->segments, ElementsAre("a+b"));
  EXPECT_THAT(target->query, ElementsAre(Pair("c", "d e")));
}

class Refused : public testing::TestWithParam<const char*> {};
TEST_P(Refused, ByItsTarget) {
  const auto target = parse_target(GetParam());
  ASSERT_FALSE(target.ok());
  EXPECT_EQ(target.status().code(), engine::Code::invalid_argument);
}
INSTANTIATE_TEST_SUITE_P(Target, Refused,
                         testing::Values("", "*", "v1", "host:443", "/..", "/a/../b", "/a/./b", "/%2e%2e/b",
                                         "/%2E", "/a%2fb", "/a%2Fb", "//", "//a", "/a//b", "/%", "/%4",
                                         "/%zz", "/a%00b", "/a%0d%0ab", "/a b", "/\xc3\xa9", "/a#b", "/a?b=%",
                                         "/a?b=1&b=2", "/a?b=%00", "ftp://host/a"));

}  // namespace
}  // namespace millrace::server
