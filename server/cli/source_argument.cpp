#include "server/cli/source_argument.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "engine/pipeline/address_rules.h"
#include "engine/pipeline/network_url.h"
#include "server/http/target.h"

namespace millrace::server {
namespace {

// RFC 3986 §3.1; "upload:ID" has no "//" after it, and "file:x" is a path only where such a file exists.
bool is_url(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view scheme = text.substr(0, colon);
  const bool word = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
  return word && (text.substr(colon).starts_with("://") || scheme == "file" || scheme == "upload");
}

}  // namespace

engine::Result<std::string> url_of_source(std::string_view argument) {
  using engine::Code;
  using engine::Status;
  if (argument.empty())
    return Status(Code::invalid_argument, "the source is an empty name; give a file or a URL");
  std::error_code error;
  if (is_url(argument) && !std::filesystem::exists(argument, error)) return std::string(argument);
  const std::filesystem::path path = std::filesystem::absolute(argument, error);
  if (error) return Status(Code::io_error, "cannot tell the current folder: " + error.message());
  std::string url = "file://";
  std::string_view rest = path.native();
  while (!rest.empty()) {
    const auto slash = std::min(rest.find('/'), rest.size());
    url += percent_encoded(rest.substr(0, slash));
    if (slash < rest.size()) url += '/';
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return url;
}

std::vector<std::string> hosts_named_in(const engine::JobSpec& spec) {
  std::vector<std::string> hosts;
  for (const engine::SpecUrl& each : engine::urls_of(spec)) {
    const auto url = engine::NetworkUrl::parse(each.url);
    if (url.ok() && engine::AddressRules::of({url->host()}).ok()) hosts.push_back(url->host());
  }
  return hosts;
}

}  // namespace millrace::server
