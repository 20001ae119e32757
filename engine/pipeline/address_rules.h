// AddressRules says which addresses sources may be read from: public ones, and those that the operator named.
// Immutable; any thread.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// An IPv6 address, or an IPv4 one as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
using NetAddress = std::array<std::uint8_t, 16>;

class AddressRules {
 public:
  // Public addresses and nothing else.
  AddressRules() = default;
  // `allowed`: host names ("nas.example"), addresses ("192.168.1.5", "::1") and networks ("10.0.0.0/8").
  // invalid_argument for anything else.
  static Result<AddressRules> of(const std::vector<std::string>& allowed);

  // The operator named this host, so whatever address it has may be connected to. Case does not count.
  bool names(std::string_view host) const;
  // True for a public address, or one that the operator allowed. Other families than IP are refused.
  bool allow(const sockaddr& address) const;
  // The same for a host that is written as an address; true for a name, whose address nobody knows yet, but
  // not for localhost.
  bool may_allow(std::string_view host) const;

 private:
  struct Network {
    NetAddress address{};
    int bits = 128;
  };
  bool allow(const NetAddress& address) const;

  std::set<std::string, std::less<>> hosts_;
  std::vector<Network> networks_;
};

// False for loopback, private, link-local, shared, multicast, documentation and reserved addresses, also
// where IPv6 wraps them (RFC 6890, IANA's special-purpose registries).
bool is_public(const NetAddress& address);

// "192.168.1.5" or "fe80::1".
std::string text_of(const NetAddress& address);

// What holds for all sources of this process: set once at a worker's start, before its first task.
void set_address_rules(AddressRules rules);
const AddressRules& address_rules();

}  // namespace millrace::engine
