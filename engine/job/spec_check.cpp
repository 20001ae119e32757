#include "engine/job/spec_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace millrace::engine {
namespace {

constexpr std::size_t kLongestUrl = 4096;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// "file" of "file:///a"; empty for a path (RFC 3986 §3.1: a letter, then letters, digits, '+', '-', '.').
std::string scheme_of(std::string_view url) {
  const auto colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0 || std::isalpha(static_cast<unsigned char>(url[0])) == 0)
    return {};
  std::string scheme(url.substr(0, colon));
  for (char& c : scheme) {
    if (!is_word(c) && c != '+' && c != '-' && c != '.') return {};
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return scheme;
}

}  // namespace

Status bad(const std::string& field, std::string_view sentence) {
  return refused(Code::invalid_argument, field, sentence);
}

bool is_name(std::string_view text, std::string_view others) {
  return !text.empty() && text.size() <= kLongestName && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_word(c) || others.find(c) != std::string_view::npos;
  });
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Status check_range(const std::string& field, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return {};
  return bad(field, fmt::format("{} is out of range; allowed: {} to {}", value, least, most));
}

Status check_number(const std::string& field, double value, double least, double most) {
  if (value >= least && value <= most) return {};
  return bad(field, fmt::format("{} is out of range; allowed: {} to {}", value, least, most));
}

Status check_url(const std::string& field, const std::string& url) {
  if (url.empty()) return bad(field, "empty; give a file: URL such as file:///media/in.mov");
  if (url.size() > kLongestUrl) return bad(field, fmt::format("longer than {} bytes", kLongestUrl));
  if (!is_utf8(url)) return bad(field, "not UTF-8; write other bytes of a file name as %XX in a file: URL");
  if (has_control_character(url) || url.find("%00") != std::string::npos)
    return bad(field, "holds a control character; write it as %XX (never %00)");
  const std::string scheme = scheme_of(url);
  if (scheme.empty()) return {};
  if (scheme == "file") {
    const std::string_view rest = std::string_view(url).substr(5);
    const bool has_host =
        rest.starts_with("//") && !rest.starts_with("///") && !rest.starts_with("//localhost/");
    if (!rest.starts_with("/") || has_host)
      return bad(field, "a file: URL has a full path and no host; write file:///media/in.mov");
    return {};
  }
  if (scheme == "http" || scheme == "https") {
    if (url.find("://") == scheme.size() && url.size() > scheme.size() + 3) return {};
    return bad(field, "an http address has a host; write https://host/in.mov");
  }
  for (const std::string_view known : {"upload", "s3", "rtsp", "rtmp", "srt"}) {
    if (scheme == known)
      return refused(
          Code::unsupported, field,
          fmt::format("reading from {}: is not built yet; give a file: URL or an http(s) address", known));
  }
  return bad(
      field,
      fmt::format("unknown kind {}; allowed: file:, http:, https: (a path with a colon is written ./a:b)",
                  in_quotes(scheme)));
}

Status check_span(const std::string& field, double from, double to) {
  if (Status s = check_number(field_path(field, "from"), from, 0, kLongestMediaSeconds); !s.ok()) return s;
  if (to == 0) return {};
  if (Status s = check_number(field_path(field, "to"), to, 0, kLongestMediaSeconds); !s.ok()) return s;
  if (to > from) return {};
  return bad(field_path(field, "to"), fmt::format("{} is not after from, which is {}", to, from));
}

Status check_language(const std::string& field, const std::string& language) {
  const bool letters =
      (language.size() == 2 || language.size() == 3) &&
      std::all_of(language.begin(), language.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (letters) return {};
  return bad(field,
             fmt::format("{} is no language; give its ISO 639 code, two or three small letters such as eng",
                         in_quotes(language)));
}

Status check_plain_text(const std::string& field, const std::string& text, std::size_t longest) {
  if (text.size() <= longest && !has_control_character(text) && is_utf8(text)) return {};
  return bad(field, fmt::format("the value must be plain text of at most {} bytes", longest));
}

}  // namespace millrace::engine
