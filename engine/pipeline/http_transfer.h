// HttpTransfer is one request to a web server and its answer, as far as it has come. Internal to HttpBytes.
// One thread at a time.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/pipeline/address_rules.h"
#include "engine/pipeline/network_url.h"

namespace millrace::engine {

// Keeps connections open between requests.
class HttpMulti {
 public:
  HttpMulti();
  ~HttpMulti();
  HttpMulti(const HttpMulti&) = delete;
  HttpMulti& operator=(const HttpMulti&) = delete;
  CURLM* handle() const { return handle_; }

 private:
  CURLM* handle_;
};

// What the answer's head says of the resource.
struct HttpHead {
  int status = 0;
  std::int64_t first = 0;     // the place of the first byte that comes
  std::int64_t size = 0;      // of the whole resource; 0: not said
  bool ends_clearly = false;  // a length or chunks: a connection that breaks is told from the end
  bool encoded = false;       // compressed although nobody asked for it
  std::string location;
  std::string version;  // ETag, else the date of the last change
};

class HttpTransfer {
 public:
  // More than this is not taken from the connection before somebody reads it.
  static constexpr std::size_t kHeld = 256 << 10;

  // Asks for the bytes from `first` on. The connection is made to no other address than the rules allow.
  HttpTransfer(const HttpMulti& multi, const NetworkUrl& url, const AddressRules& rules, std::int64_t first,
               std::chrono::milliseconds connect);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // Until something has come, at most so long.
  void run(std::chrono::milliseconds most);

  bool has_head() const { return has_head_; }
  const HttpHead& head() const { return head_; }
  bool ended() const { return end_.has_value(); }
  CURLcode end() const { return *end_; }
  // "Connection reset by peer", of a transfer that ended badly.
  std::string words_of_end() const;
  // An address that was asked for and is not allowed.
  const std::optional<std::string>& refused() const { return refused_; }

  std::string_view body() const { return std::string_view(body_).substr(taken_); }
  void take(std::size_t bytes);

 private:
  static std::size_t on_header(char* line, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  void take_line(std::string_view line);

  CURLM* const multi_;
  CURL* const easy_;
  const AddressRules& rules_;
  const bool host_is_named_;
  const std::int64_t asked_first_;
  HttpHead head_;
  bool has_head_ = false;
  std::string body_;
  std::size_t taken_ = 0;
  bool paused_ = false;
  std::optional<CURLcode> end_;
  std::optional<std::string> refused_;
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace millrace::engine
