#include "server/http/target.h"

#include <algorithm>

namespace millrace::server {

using engine::Code;
using engine::Result;
using engine::Status;

namespace {

Status refused(std::string why) {
  return Status(Code::invalid_argument, "request target: " + std::move(why));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Status add_segment(std::string_view raw, bool is_last, Target& target) {
  Result<std::string> segment = percent_decoded(raw);
  if (!segment.ok()) return segment.status();
  if (segment->empty() && !is_last) return refused("a path segment is empty");
  if (*segment == "." || *segment == "..") return refused("dot segments are not taken");
  if (has_control(*segment)) return refused("a path segment holds a control character");
  if (segment->find('/') != std::string::npos) return refused("a path segment holds an encoded slash");
  target.segments.push_back(std::move(*segment));
  return {};
}

Status add_parameter(std::string_view raw, Target& target) {
  const std::size_t equals = raw.find('=');
  std::string spaced(raw);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  const std::string_view pair = spaced;
  Result<std::string> name = percent_decoded(pair.substr(0, equals));
  if (!name.ok()) return name.status();
  Result<std::string> value =
      percent_decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
  if (!value.ok()) return value.status();
  if (has_control(*name) || has_control(*value)) return refused("the query holds a control character");
  if (!target.query.emplace(*name, std::move(*value)).second)
    return refused("the query parameter '" + *name + "' stands twice");
  return {};
}

}  // namespace

Result<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return refused("'%' must be followed by two hexadecimal digits");
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[static_cast<unsigned char>(c) >> 4];
      encoded += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  return encoded;
}

Result<Target> parse_target(std::string_view text) {
  if (text.starts_with("http://")) {
    const std::size_t slash = text.find_first_of("/?", 7);
    text = slash == std::string_view::npos ? "/" : text.substr(slash);
  }
  if (text.empty() || text.front() != '/') return refused("it must be a path that begins with '/'");
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f)
      return refused("it holds a byte that must be percent-encoded");
    if (c == '#') return refused("it holds a fragment");
  }
  Target target;
  const std::size_t question = text.find('?');
  std::string_view path = text.substr(1, question == std::string_view::npos ? question : question - 1);
  while (!path.empty() || !target.segments.empty()) {
    const std::size_t slash = path.find('/');
    const bool is_last = slash == std::string_view::npos;
    if (Status s = add_segment(path.substr(0, slash), is_last, target); !s.ok()) return s;
    if (is_last) break;
    path.remove_prefix(slash + 1);
  }
  std::string_view query = question == std::string_view::npos ? "" : text.substr(question + 1);
  while (!query.empty()) {
    const std::size_t ampersand = query.find('&');
    const std::string_view pair = query.substr(0, ampersand);
    if (!pair.empty())
      if (Status s = add_parameter(pair, target); !s.ok()) return s;
    query.remove_prefix(ampersand == std::string_view::npos ? query.size() : ampersand + 1);
  }
  return target;
}

std::string path_of(const Target& target) {
  if (target.segments.empty()) return "/";
  std::string path;
  for (const std::string& segment : target.segments) path += "/" + percent_encoded(segment);
  return path;
}

std::string to_string(const Target& target) {
  std::string text = path_of(target);
  char separator = '?';
  for (const auto& [name, value] : target.query) {
    text += separator + percent_encoded(name) + "=" + percent_encoded(value);
    separator = '&';
  }
  return text;
}

}  // namespace millrace::server
