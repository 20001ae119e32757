#include "engine/pipeline/address_rules.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

namespace millrace::engine {
namespace {

constexpr int kMappedBits = 96;  // ::ffff:0:0/96

struct Block {
  const char* address;
  int bits;
};

constexpr Block kNotPublic4[] = {
    {"0.0.0.0", 8},     {"10.0.0.0", 8},      {"100.64.0.0", 10},  {"127.0.0.0", 8},    {"169.254.0.0", 16},
    {"172.16.0.0", 12}, {"192.0.0.0", 24},    {"192.0.2.0", 24},   {"192.88.99.0", 24}, {"192.168.0.0", 16},
    {"198.18.0.0", 15}, {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 4},    {"240.0.0.0", 4}};
// Of 2000::/3, which is all that is global unicast. The first and 2002::/16 (6to4) wrap other addresses.
constexpr Block kNotPublic6[] = {{"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"3fff::", 20}};

std::optional<NetAddress> address_of(const std::string& text) {
  NetAddress address{};
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) != 1) return std::nullopt;
  address[10] = address[11] = 0xff;
  std::memcpy(address.data() + 12, &v4, sizeof v4);
  return address;
}

bool lies_in(const NetAddress& address, const NetAddress& network, int bits) {
  for (std::size_t byte = 0; byte < address.size() && bits > 0; ++byte, bits -= 8) {
    const int shift = bits >= 8 ? 0 : 8 - bits;
    if ((address[byte] ^ network[byte]) >> shift != 0) return false;
  }
  return true;
}

bool in_any(const NetAddress& address, std::span<const Block> blocks, int more_bits) {
  return std::any_of(blocks.begin(), blocks.end(), [&](const Block& block) {
    return lies_in(address, *address_of(block.address), block.bits + more_bits);
  });
}

bool is_v4(const NetAddress& address) {
  static const NetAddress mapped = *address_of("::ffff:0:0");
  return lies_in(address, mapped, kMappedBits);
}

// "[::1]" and "NAS.Example." as they are compared.
std::string plain(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  std::string text(host);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
  });
}

AddressRules& rules_of_process() {
  static AddressRules rules;
  return rules;
}

}  // namespace

bool is_public(const NetAddress& address) {
  if (is_v4(address)) return !in_any(address, kNotPublic4, kMappedBits);
  // NAT64 (RFC 6052): the IPv4 address behind it decides.
  static const NetAddress nat64 = *address_of("64:ff9b::");
  if (lies_in(address, nat64, kMappedBits)) {
    NetAddress behind = *address_of("::ffff:0:0");
    std::copy(address.begin() + 12, address.end(), behind.begin() + 12);
    return is_public(behind);
  }
  static const NetAddress global = *address_of("2000::");
  return lies_in(address, global, 3) && !in_any(address, kNotPublic6, 0);
}

std::string text_of(const NetAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_v4(address))
    ::inet_ntop(AF_INET, address.data() + 12, text, sizeof text);
  else
    ::inet_ntop(AF_INET6, address.data(), text, sizeof text);
  return text;
}

Result<AddressRules> AddressRules::of(const std::vector<std::string>& allowed) {
  AddressRules rules;
  for (const std::string& each : allowed) {
    const Status wrong(Code::invalid_argument,
                       fmt::format("'{}' is no host, address or network; write nas.example, 192.168.1.5 or "
                                   "10.0.0.0/8",
                                   each));
    const auto slash = each.find('/');
    const std::string host = plain(std::string_view(each).substr(0, slash));
    const std::optional<NetAddress> address = address_of(host);
    if (address) {
      Network network{*address, 128};
      if (slash != std::string::npos) {
        const bool v4 = host.find(':') == std::string::npos;
        const char* const end = each.data() + each.size();
        int bits = -1;
        const auto [stop, error] = std::from_chars(each.data() + slash + 1, end, bits);
        if (error != std::errc() || stop != end || bits < 0 || bits > (v4 ? 32 : 128)) return wrong;
        network.bits = bits + (v4 ? kMappedBits : 0);
      }
      rules.networks_.push_back(network);
    } else if (slash == std::string::npos && is_host_name(host)) {
      rules.hosts_.insert(host);
    } else {
      return wrong;
    }
  }
  return rules;
}

bool AddressRules::names(std::string_view host) const { return hosts_.contains(plain(host)); }

bool AddressRules::allow(const NetAddress& address) const {
  return is_public(address) || std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return lies_in(address, network.address, network.bits);
         });
}

bool AddressRules::allow(const sockaddr& address) const {
  NetAddress bytes{};
  if (address.sa_family == AF_INET) {
    bytes[10] = bytes[11] = 0xff;
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::memcpy(bytes.data() + 12, &v4.sin_addr, sizeof v4.sin_addr);
  } else if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  } else {
    return false;
  }
  return allow(bytes);
}

bool AddressRules::may_allow(std::string_view host) const {
  if (names(host)) return true;
  const std::string text = plain(host);
  if (const auto address = address_of(text)) return allow(*address);
  const bool is_here = text == "localhost" || text.ends_with(".localhost");  // RFC 6761 §6.3
  return !is_here || allow(*address_of("127.0.0.1"));
}

void set_address_rules(AddressRules rules) { rules_of_process() = std::move(rules); }

const AddressRules& address_rules() { return rules_of_process(); }

}  // namespace millrace::engine
