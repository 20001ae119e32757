// NetworkUrl: an http or https address, taken apart by the same code that connects to it. A value; any
// thread.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

bool is_network_url(std::string_view url);

class NetworkUrl {
 public:
  // invalid_argument for what is no http or https address, or holds a user or password.
  static Result<NetworkUrl> parse(const std::string& url);
  // A reference in a document that lies here (RFC 3986 §5): a redirect's Location, a line of a playlist.
  // invalid_argument when it leads to anything but http or https ("file:", "data:").
  Result<NetworkUrl> refer(const std::string& reference) const;

  const std::string& text() const { return text_; }
  const std::string& host() const { return host_; }  // an IPv6 address without brackets
  // For sentences: without the query, where keys and signatures stand.
  const std::string& shown() const { return shown_; }

 private:
  struct Delete {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
  };
  using Parts = std::unique_ptr<CURLU, Delete>;
  static Result<NetworkUrl> take(Parts parts, const std::string& given);

  std::string text_;
  std::string host_;
  std::string shown_;
};

}  // namespace millrace::engine
