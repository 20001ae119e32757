// HttpBytes reads one resource of a web server, in one pass or in ranges. Connects only to addresses that the
// rules allow, looked at when the name has become an address, also after redirects. A connection that breaks
// is made again where it was; bytes that are missing in the end are a failure. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/pipeline/address_rules.h"
#include "engine/pipeline/network_url.h"
#include "engine/pipeline/source_bytes.h"

namespace millrace::engine {

struct HttpLimits {
  std::chrono::milliseconds connect{5'000};
  // Waiting for the server without kProgress bytes in between, over all connections: then it is given up.
  // Below what a watchdog lets a task wait.
  std::chrono::milliseconds without_progress{20'000};
  std::chrono::milliseconds first_pause{250};  // before the next connection; doubled each time, at most 4 s
  int connections = 8;                         // without progress
};

class HttpTransfer;
class HttpMulti;

class HttpBytes final : public SourceBytes {
 public:
  static constexpr std::int64_t kProgress = 16 << 10;

  // Asks for the resource from byte `first` on and waits for its headers. not_found (404, 410),
  // invalid_argument for another refusal or an address that is not allowed (with the address), unsupported
  // for a server that does not say where the resource ends; else as read(). `multi`: connections that others
  // of this thread use too.
  static Result<std::unique_ptr<HttpBytes>> open(const NetworkUrl& url, const AddressRules& rules,
                                                 std::stop_token stop, std::int64_t first = 0,
                                                 const HttpLimits& limits = {},
                                                 std::shared_ptr<HttpMulti> multi = {});
  ~HttpBytes() override;

  // The first bytes from where it stands, fewer only at the end; they are read again by read(). At most
  // 256 KiB.
  Result<std::string> peek(std::size_t count);
  Result<std::size_t> read(std::span<char> into) override;
  // A server that knows no ranges sends everything again, and what lies before is left out.
  Status seek(std::int64_t position) override;
  bool can_seek() const override { return size_ > 0; }
  std::int64_t size() const override { return size_; }
  // Where redirects led: references in the resource are relative to it.
  const NetworkUrl& url() const { return url_; }

 private:
  HttpBytes(NetworkUrl url, const AddressRules& rules, std::stop_token stop, std::int64_t first,
            const HttpLimits& limits, std::shared_ptr<HttpMulti> multi);
  Status connect();
  Status connect_once(bool& again);
  Status take_headers();
  Status wait_for_bytes();
  Status fill();
  Status recover(const Status& why);
  Status failed(Code code, const std::string& what) const;
  void count_progress(std::size_t bytes);

  const NetworkUrl asked_;
  const AddressRules& rules_;
  const std::stop_token stop_;
  const HttpLimits limits_;
  NetworkUrl url_;
  const std::shared_ptr<HttpMulti> multi_;
  std::unique_ptr<HttpTransfer> transfer_;
  std::int64_t position_ = 0;  // of the next byte that is read
  std::int64_t to_skip_ = 0;   // bytes before it that the server sends all the same
  std::int64_t size_ = 0;
  bool at_end_ = false;
  bool known_ = false;   // the headers were seen once: it must stay what it is
  std::string version_;  // ETag or date
  // Since the last progress.
  std::chrono::milliseconds waited_{0};
  std::int64_t received_ = 0;
  int broken_ = 0;
};

// The whole of a small resource. unsupported when it is longer than `most_bytes`.
Result<std::string> read_resource(HttpBytes& bytes, std::size_t most_bytes);

}  // namespace millrace::engine
