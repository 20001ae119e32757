// Where a server listens, as people write it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::server {

struct ListenAddress {
  std::string host;  // numeric, without brackets
  std::uint16_t port = 0;
  bool is_loopback = false;  // reachable from this machine alone
};

// "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:80", "localhost:8080", ":8080" (all of IPv4). invalid_argument
// says how to write one.
engine::Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace millrace::server
