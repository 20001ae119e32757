#include "engine/pipeline/address_rules.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

namespace millrace::engine {
namespace {

bool allows(const AddressRules& rules, const std::string& address) {
  sockaddr_storage place{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(place);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(place);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    place.ss_family = AF_INET;
  } else {
    EXPECT_EQ(::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr), 1) << address;
    place.ss_family = AF_INET6;
  }
  return rules.allow(reinterpret_cast<const sockaddr&>(place));
}

AddressRules rules_of(const std::vector<std::string>& allowed) {
  auto rules = AddressRules::of(allowed);
  EXPECT_TRUE(rules.ok()) << to_string(rules.status());
  return rules.value_or({});
}

TEST(AddressRules, LetThePublicAddressesThrough) {
  for (const char* each : {"1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1",
                           "172.32.0.1", "192.167.1.1", "223.255.255.255", "2606:4700:4700::1111",
                           "2a00:1450:4001:82a::200e", "::ffff:1.1.1.1", "64:ff9b::101:101"})
    EXPECT_TRUE(allows({}, each)) << each;
}

TEST(AddressRules, RefuseWhatLeadsIntoTheMachineOrItsNetwork) {
  for (const char* each : {"127.0.0.1",
                           "127.255.255.254",
                           "0.0.0.0",
                           "10.0.0.1",
                           "100.64.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "fe80::1",
                           "fd12:3456::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "2002:7f00:1::",
                           "5f00::1"})
    EXPECT_FALSE(allows({}, each)) << each;
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_FALSE(AddressRules().allow(reinterpret_cast<const sockaddr&>(local)));
}

TEST(AddressRules, LetTheNetworksThroughThatTheOperatorNames) {
  const AddressRules rules = rules_of({"10.1.0.0/16", "192.168.1.5", "fd00::/8", "[::1]"});
  for (const char* each : {"10.1.2.3", "::ffff:10.1.2.3", "192.168.1.5", "fd12::1", "::1", "1.1.1.1"})
    EXPECT_TRUE(allows(rules, each)) << each;
  for (const char* each : {"10.2.0.1", "192.168.1.6", "fe80::1", "127.0.0.1"})
    EXPECT_FALSE(allows(rules, each)) << each;
}

TEST(AddressRules, KnowHostsByTheirNames) {
  const AddressRules rules = rules_of({"NAS.example"});
  EXPECT_TRUE(rules.names("nas.EXAMPLE"));
  EXPECT_TRUE(rules.names("nas.example."));
  EXPECT_FALSE(rules.names("xnas.example"));
  EXPECT_FALSE(rules.names("example"));
  EXPECT_FALSE(rules.names("nas.example.org"));
}

TEST(AddressRules, TellBeforeAnythingIsAskedWhatCanNeverBeAllowed) {
  for (const char* each : {"127.0.0.1", "[::1]", "localhost", "LOCALHOST.", "a.localhost", "10.0.0.1"})
    EXPECT_FALSE(AddressRules().may_allow(each)) << each;
  for (const char* each : {"example.org", "1.1.1.1", "localhost.example"})
    EXPECT_TRUE(AddressRules().may_allow(each)) << each;
  EXPECT_TRUE(rules_of({"127.0.0.0/8"}).may_allow("localhost"));
}

TEST(AddressRules, RefuseWordsThatNameNothing) {
  for (const char* each : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "::/129", "nas example",
                           "nas.example/8", "http://nas", "10.0.0.0/-1"}) {
    const auto rules = AddressRules::of({each});
    ASSERT_FALSE(rules.ok()) << each;
    EXPECT_EQ(rules.status().code(), Code::invalid_argument);
  }
}

}  // namespace
}  // namespace millrace::engine
