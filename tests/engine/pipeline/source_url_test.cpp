#include <gtest/gtest.h>

#include "engine/pipeline/inspect.h"

namespace millrace::engine {
namespace {

TEST(PathOfUrl, TakesFileUrlsAndPaths) {
  EXPECT_EQ(path_of_url("/a/b c.mov").value(), "/a/b c.mov");
  EXPECT_EQ(path_of_url("b%20c.mov").value(), "b%20c.mov") << "a path is no URL";
  EXPECT_EQ(path_of_url("file:///a/b%20c.mov").value(), "/a/b c.mov");
  EXPECT_EQ(path_of_url("file://localhost/a").value(), "/a");
  EXPECT_EQ(path_of_url("file:/a").value(), "/a");
}

TEST(PathOfUrl, RefusesTheRest) {
  EXPECT_EQ(path_of_url("").status().code(), Code::invalid_argument);
  EXPECT_EQ(path_of_url("http://host/a").status().code(), Code::unsupported);
  EXPECT_EQ(path_of_url("file://host/a").status().code(), Code::invalid_argument);
  EXPECT_EQ(path_of_url("file:///a%2").status().code(), Code::invalid_argument);
  EXPECT_EQ(path_of_url("file:///a%00b").status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace millrace::engine
