// path_of_url: what a file: URL means on this machine.
#include <fmt/format.h>

#include <optional>

#include "engine/pipeline/inspect.h"

namespace millrace::engine {
namespace {

std::optional<int> hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return std::nullopt;
}

// RFC 3986 §2.1; nothing for a broken escape or a zero byte.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low || *high * 16 + *low == 0) return std::nullopt;
    decoded += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return decoded;
}

// The scheme before "://" or before the colon of "file:/a"; empty for a path.
std::string_view scheme_of(std::string_view url) {
  if (const auto end = url.find("://"); end != std::string_view::npos && url.find('/') == end + 1)
    return url.substr(0, end);
  if (url.substr(0, 5) == "file:") return "file";
  return {};
}

}  // namespace

Result<std::string> path_of_url(const std::string& url) {
  if (url.empty()) return Status(Code::invalid_argument, "the source is empty; name a file");
  if (url.find('\0') != std::string::npos)
    return Status(Code::invalid_argument, "the source's name holds a zero byte");
  const std::string_view scheme = scheme_of(url);
  if (scheme.empty()) return url;
  if (scheme != "file")
    return Status(Code::unsupported,
                  fmt::format("{}: {}: sources are not read here; use a file: URL or a path", url, scheme));
  std::string_view rest = std::string_view(url).substr(5);
  if (rest.substr(0, 2) == "//") {
    rest.remove_prefix(2);
    const auto slash = rest.find('/');
    const std::string_view host = rest.substr(0, slash);
    if (slash == std::string_view::npos || !(host.empty() || host == "localhost"))
      return Status(Code::invalid_argument,
                    fmt::format("{}: the file lies on another host; use file:///PATH", url));
    rest.remove_prefix(slash);
  }
  const auto decoded = percent_decoded(rest);
  if (!decoded || decoded->empty())
    return Status(Code::invalid_argument, fmt::format("{}: not a well-formed file: URL", url));
  return *decoded;
}

}  // namespace millrace::engine
