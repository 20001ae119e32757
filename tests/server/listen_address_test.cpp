#include "server/daemon/listen_address.h"

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

TEST(ListenAddress, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:8080")->host, "127.0.0.1");
  EXPECT_EQ(parse_listen_address("127.0.0.1:8080")->port, 8080);
  EXPECT_EQ(parse_listen_address("[::1]:0")->host, "::1");
  EXPECT_EQ(parse_listen_address(":80")->host, "0.0.0.0");
  EXPECT_EQ(parse_listen_address("localhost:1")->host, "127.0.0.1");
}

TEST(ListenAddress, KnowsWhatOnlyThisMachineReaches) {
  EXPECT_TRUE(parse_listen_address("127.8.0.1:1")->is_loopback);
  EXPECT_TRUE(parse_listen_address("[::1]:1")->is_loopback);
  EXPECT_FALSE(parse_listen_address("0.0.0.0:1")->is_loopback);
  EXPECT_FALSE(parse_listen_address(":1")->is_loopback);
  EXPECT_FALSE(parse_listen_address("[::]:1")->is_loopback);
  EXPECT_FALSE(parse_listen_address("10.0.0.1:1")->is_loopback);
}

TEST(ListenAddress, IsRefusedWithAnExample) {
  for (const char* text : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:80",
                           "[::1:80", "host.example:80", "127.0.0.1:80 "}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_NE(address.status().message().find("127.0.0.1:8080"), std::string::npos);
  }
}

}  // namespace
}  // namespace millrace::server
