#include "bench/http_client.h"

#include <curl/curl.h>

#include <cassert>
#include <cstddef>
#include <utility>

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;

std::size_t take_bytes(char* bytes, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(bytes, size * count);
  return size * count;
}

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct HandleDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

class CurlHttp final : public Http {
 public:
  explicit CurlHttp(std::string server) : server_(std::move(server)) {
    assert(handle_);
    headers_.reset(curl_slist_append(nullptr, "Content-Type: application/json"));
    // Without this, curl would wait for a "100 Continue" before a large body.
    curl_slist_append(headers_.get(), "Expect:");
    curl_easy_setopt(handle_.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(handle_.get(), CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEFUNCTION, take_bytes);
  }

  Result<HttpAnswer> get(const std::string& path) override {
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, nullptr);
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPGET, 1L);
    return exchange(path);
  }

  Result<HttpAnswer> post(const std::string& path, const std::string& json) override {
    return post(path, json, headers_.get());
  }

  Result<HttpAnswer> post_once(const std::string& path, const std::string& json,
                               const std::string& key) override {
    std::unique_ptr<curl_slist, ListDeleter> headers(
        curl_slist_append(nullptr, "Content-Type: application/json"));
    curl_slist_append(headers.get(), "Expect:");
    curl_slist_append(headers.get(), ("Idempotency-Key: " + key).c_str());
    return post(path, json, headers.get());
  }

 private:
  Result<HttpAnswer> post(const std::string& path, const std::string& json, curl_slist* headers) {
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle_.get(), CURLOPT_POST, 1L);
    curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
    curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDS, json.c_str());
    return exchange(path);
  }

  Result<HttpAnswer> exchange(const std::string& path) {
    HttpAnswer answer;
    const std::string url = server_ + path;
    curl_easy_setopt(handle_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEDATA, &answer.body);
    if (const CURLcode code = curl_easy_perform(handle_.get()); code != CURLE_OK)
      return Status(Code::io_error, url + ": no answer (" + curl_easy_strerror(code) + ")");
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
  }

  std::string server_;
  std::unique_ptr<CURL, HandleDeleter> handle_{curl_easy_init()};
  std::unique_ptr<curl_slist, ListDeleter> headers_;
};

}  // namespace

std::unique_ptr<Http> make_http_client(const std::string& server) {
  return std::make_unique<CurlHttp>(server);
}

}  // namespace millrace::bench
