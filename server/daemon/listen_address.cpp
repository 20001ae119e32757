#include "server/daemon/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace millrace::server {

using engine::Code;
using engine::Result;
using engine::Status;

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const Status refused(
      Code::invalid_argument,
      fmt::format("--listen {}: write ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080", text));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refused;
  ListenAddress address;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) return refused;
  address.host = text.substr(0, colon);
  if (address.host.empty()) address.host = "0.0.0.0";
  if (address.host == "localhost") address.host = "127.0.0.1";
  in_addr four{};
  if (::inet_pton(AF_INET, address.host.c_str(), &four) == 1) {
    address.is_loopback = (ntohl(four.s_addr) >> 24) == 127;
    return address;
  }
  if (address.host.size() < 2 || address.host.front() != '[' || address.host.back() != ']') return refused;
  address.host = address.host.substr(1, address.host.size() - 2);
  in6_addr six{};
  if (::inet_pton(AF_INET6, address.host.c_str(), &six) != 1) return refused;
  address.is_loopback = IN6_IS_ADDR_LOOPBACK(&six);
  return address;
}

}  // namespace millrace::server
