// Target: the path and query of a request, taken apart strictly. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace millrace::server {

struct Target {
  std::vector<std::string>
      segments;  // decoded; "/" has none, a trailing slash leaves an empty one at the end
  std::map<std::string, std::string> query;  // decoded; "flag" alone has an empty value
};

// Origin form ("/a/b?c=d") or absolute form ("http://host/a"), RFC 9112 §3.2. Refused as invalid_argument:
// bytes that must be percent-encoded, broken escapes, control characters and slashes in a segment (also
// encoded ones), empty and dot segments, a query name that stands twice, a fragment.
engine::Result<Target> parse_target(std::string_view text);

// Written out again with everything but unreserved characters encoded: "/a%20b".
std::string path_of(const Target& target);
std::string to_string(const Target& target);

// Everything but RFC 3986's unreserved characters as %XX.
std::string percent_encoded(std::string_view text);
// invalid_argument for a broken escape.
engine::Result<std::string> percent_decoded(std::string_view text);

}  // namespace millrace::server
