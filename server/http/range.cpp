#include "server/http/range.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace millrace::server {
namespace {

// Numbers past 64 bits are as good as the largest one: no file is that long.
std::optional<std::uint64_t> read_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    value = value > (kMost - digit) / 10 ? kMost : value * 10 + digit;
  }
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool names_bytes(std::string_view unit) {
  constexpr std::string_view kBytes = "bytes";
  return std::equal(unit.begin(), unit.end(), kBytes.begin(), kBytes.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

}  // namespace

RangeAnswer answer_range(std::string_view header, std::uint64_t size) {
  const RangeAnswer whole{RangeAnswer::Kind::whole, 0, size};
  const RangeAnswer unsatisfiable{RangeAnswer::Kind::unsatisfiable, 0, 0};
  const std::size_t equals = header.find('=');
  if (equals == std::string_view::npos || !names_bytes(header.substr(0, equals))) return whole;
  const std::string_view set = trimmed(header.substr(equals + 1));
  const std::size_t dash = set.find('-');
  if (dash == std::string_view::npos || set.find(',') != std::string_view::npos) return whole;
  const std::string_view before = set.substr(0, dash), after = set.substr(dash + 1);
  if (before.empty()) {
    const auto suffix = read_number(after);
    if (!suffix) return whole;
    if (*suffix == 0 || size == 0) return unsatisfiable;
    const std::uint64_t length = std::min(*suffix, size);
    return {RangeAnswer::Kind::part, size - length, length};
  }
  const auto first = read_number(before);
  const auto last = after.empty() ? std::numeric_limits<std::uint64_t>::max() : read_number(after);
  if (!first || !last || *last < *first) return whole;
  if (*first >= size) return unsatisfiable;
  return {RangeAnswer::Kind::part, *first, std::min(*last, size - 1) - *first + 1};
}

}  // namespace millrace::server
