// HttpClient asks one server, one request at a time over one kept connection. Belongs to one thread.
#pragma once

#include <memory>
#include <string>

#include "engine/base/status.h"

namespace millrace::bench {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// What the latency measurement needs of HTTP; tests answer by hand.
class Http {
 public:
  virtual ~Http() = default;
  // io_error when no answer came; any status code is an answer. Blocking.
  virtual engine::Result<HttpAnswer> get(const std::string& path) = 0;
  virtual engine::Result<HttpAnswer> post(const std::string& path, const std::string& json) = 0;
  // With the header Idempotency-Key.
  virtual engine::Result<HttpAnswer> post_once(const std::string& path, const std::string& json,
                                               const std::string& key) = 0;
};

// `server` is "http://127.0.0.1:8080". Proxies of the environment are not used; an answer may take 30 s at
// most.
std::unique_ptr<Http> make_http_client(const std::string& server);

}  // namespace millrace::bench
