#include "engine/pipeline/network_url.h"

#include <fmt/format.h>

#include <cctype>
#include <new>
#include <utility>

namespace millrace::engine {
namespace {

// Before a query or fragment.
std::string_view without_query(std::string_view url) { return url.substr(0, url.find_first_of("?#")); }

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

bool is_network_url(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (url.size() < scheme.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < scheme.size(); ++i)
      same = same && std::tolower(static_cast<unsigned char>(url[i])) == scheme[i];
    if (same) return true;
  }
  return false;
}

Result<NetworkUrl> NetworkUrl::parse(const std::string& url) {
  if (!is_network_url(url))
    return Status(Code::invalid_argument,
                  fmt::format("{}: not an http or https address", without_query(url)));
  Parts parts(curl_url());
  if (!parts) throw std::bad_alloc();
  if (curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK)
    return Status(
        Code::invalid_argument,
        fmt::format("{}: not a well-formed address; write https://host/path, without a user or password",
                    without_query(url)));
  return take(std::move(parts), url);
}

Result<NetworkUrl> NetworkUrl::refer(const std::string& reference) const {
  Parts parts(curl_url());
  if (!parts) throw std::bad_alloc();
  if (curl_url_set(parts.get(), CURLUPART_URL, text_.c_str(), 0) != CURLUE_OK ||
      curl_url_set(parts.get(), CURLUPART_URL, reference.c_str(),
                   CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER | CURLU_URLENCODE) != CURLUE_OK)
    return Status(Code::invalid_argument,
                  fmt::format("{}: names {}, which is refused: no well-formed address", shown_,
                              without_query(reference)));
  Result<NetworkUrl> result = take(std::move(parts), reference);
  if (result.ok()) return result;
  return Status(Code::invalid_argument,
                fmt::format("{}: names {}, which is refused: what comes from the network may name only http "
                            "and https addresses",
                            shown_, without_query(reference)));
}

Result<NetworkUrl> NetworkUrl::take(Parts parts, const std::string& given) {
  const std::string scheme = part(parts.get(), CURLUPART_SCHEME);
  curl_url_set(parts.get(), CURLUPART_FRAGMENT, nullptr, 0);
  NetworkUrl url;
  url.text_ = part(parts.get(), CURLUPART_URL);
  url.host_ = part(parts.get(), CURLUPART_HOST);
  if (url.host_.size() > 2 && url.host_.front() == '[') url.host_ = url.host_.substr(1, url.host_.size() - 2);
  url.shown_ = without_query(url.text_);
  if ((scheme == "http" || scheme == "https") && !url.host_.empty()) return url;
  return Status(Code::invalid_argument,
                fmt::format("{}: not an http or https address", without_query(given)));
}

}  // namespace millrace::engine
