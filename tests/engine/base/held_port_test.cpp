#include "engine/base/held_port.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace millrace::engine {
namespace {

sockaddr_in local(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

TEST(HeldPort, RefusesConnectionsAndLetsAServerHaveItsNumber) {
  const HeldPort port = HeldPort::take().value();
  const sockaddr_in address = local(port.number());
  const auto* where = reinterpret_cast<const sockaddr*>(&address);

  const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_TRUE(client.valid());
  EXPECT_NE(::connect(client.get(), where, sizeof address), 0);
  EXPECT_EQ(errno, ECONNREFUSED);

  const UniqueFd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ASSERT_EQ(::setsockopt(server.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
  ASSERT_EQ(::bind(server.get(), where, sizeof address), 0);
  EXPECT_EQ(::listen(server.get(), 1), 0);
}

TEST(HeldPort, IsAnotherOneForEachThatHoldsOne) {
  const HeldPort one = HeldPort::take().value();
  const HeldPort other = HeldPort::take().value();
  EXPECT_NE(one.number(), 0);
  EXPECT_NE(one.number(), other.number());
}

}  // namespace
}  // namespace millrace::engine
