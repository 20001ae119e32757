#include "engine/base/held_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "engine/base/file.h"

namespace millrace::engine {

Result<HeldPort> HeldPort::take() {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (!socket.valid() || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return errno_status(errno, "no port to serve on", "127.0.0.1");
  return HeldPort(std::move(socket), ntohs(address.sin_port));
}

HeldPort::HeldPort(UniqueFd socket, std::uint16_t number) : socket_(std::move(socket)), number_(number) {}

}  // namespace millrace::engine
