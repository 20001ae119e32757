#include "server/http/conditional.h"

#include <fmt/format.h>

#include <array>

namespace millrace::server {
namespace {

constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string http_date(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                     kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

std::optional<std::time_t> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT": every field has its place.
  if (text.size() != 29) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(at, digits))
      value = c < '0' || c > '9' ? -100000 : value * 10 + (c - '0');
    return value;
  };
  std::tm parts{};
  parts.tm_mday = number(5, 2);
  parts.tm_year = number(12, 4) - 1900;
  parts.tm_hour = number(17, 2);
  parts.tm_min = number(20, 2);
  parts.tm_sec = number(23, 2);
  parts.tm_mon = -1;
  for (std::size_t month = 0; month < kMonths.size(); ++month)
    if (text.substr(8, 3) == kMonths[month]) parts.tm_mon = static_cast<int>(month);
  if (parts.tm_mon < 0 || parts.tm_mday < 1 || parts.tm_year < -1900 || parts.tm_hour < 0 ||
      parts.tm_min < 0 || parts.tm_sec < 0)
    return std::nullopt;
  const std::time_t time = ::timegm(&parts);
  // A date that does not exist comes back as another one.
  return http_date(time) == text ? std::optional(time) : std::nullopt;
}

bool is_not_modified(std::string_view if_none_match, std::string_view if_modified_since,
                     const Validators& now) {
  if (if_none_match.empty()) {
    const auto since = parse_http_date(if_modified_since);
    return since && now.modified <= *since;
  }
  if (if_none_match == "*") return true;
  // A list of tags, each perhaps with W/ in front; tags hold no quotes, but may hold commas.
  for (std::size_t at = 0; (at = if_none_match.find('"', at)) != std::string_view::npos;) {
    const std::size_t end = if_none_match.find('"', at + 1);
    if (end == std::string_view::npos) return false;
    if (if_none_match.substr(at, end + 1 - at) == now.etag) return true;
    at = end + 1;
  }
  return false;
}

bool range_applies(std::string_view if_range, const Validators& now) {
  if (if_range.empty()) return true;
  if (if_range.front() == '"') return if_range == now.etag;
  const auto date = parse_http_date(if_range);
  return date && *date == now.modified;
}

}  // namespace millrace::server
