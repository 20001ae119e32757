#include "engine/pipeline/network_url.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(NetworkUrl, IsTakenApart) {
  const auto url = NetworkUrl::parse("https://Media.Example:8443/a%20b.mp4?signature=secret#part");
  ASSERT_TRUE(url.ok()) << to_string(url.status());
  EXPECT_EQ(url->shown(), "https://Media.Example:8443/a%20b.mp4");
  EXPECT_EQ(url->host(), "Media.Example");
  EXPECT_THAT(url->text(), HasSubstr("signature=secret"));
  EXPECT_THAT(url->text(), Not(HasSubstr("#part")));
  EXPECT_EQ(NetworkUrl::parse("http://[::1]:80/")->host(), "::1");
}

TEST(NetworkUrl, ReadsOtherSpellingsOfAnAddressAsThatAddress) {
  for (const char* each : {"http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"})
    EXPECT_EQ(NetworkUrl::parse(each)->host(), "127.0.0.1") << each;
}

TEST(NetworkUrl, RefusesOtherSchemesAndPasswords) {
  for (const char* each :
       {"file:///etc/passwd", "ftp://a/b", "http:/a", "http://", "https://user:word@a/b", "a.mp4", ""}) {
    const auto url = NetworkUrl::parse(each);
    ASSERT_FALSE(url.ok()) << each;
    EXPECT_EQ(url.status().code(), Code::invalid_argument);
  }
}

TEST(NetworkUrl, FollowsReferencesToTheNetworkAlone) {
  const auto base = NetworkUrl::parse("https://media.example/films/list.m3u8?key=1");
  ASSERT_TRUE(base.ok());
  EXPECT_EQ(base->refer("a/1.ts")->text(), "https://media.example/films/a/1.ts");
  EXPECT_EQ(base->refer("/1.ts?x=2")->text(), "https://media.example/1.ts?x=2");
  EXPECT_EQ(base->refer("//cdn.example/1.ts")->text(), "https://cdn.example/1.ts");
  EXPECT_EQ(base->refer("http://cdn.example/1.ts")->text(), "http://cdn.example/1.ts");
  for (const char* each : {"file:///etc/passwd", "data:text/plain,x", "ftp://a/b", "crypto:1.ts",
                           "concat:a|b", "https://user:pass@a/b", "gopher://a/"}) {
    const auto url = base->refer(each);
    ASSERT_FALSE(url.ok()) << each;
    EXPECT_EQ(url.status().code(), Code::invalid_argument);
    EXPECT_THAT(url.status().message(), HasSubstr("names"));
  }
}

}  // namespace
}  // namespace millrace::engine
