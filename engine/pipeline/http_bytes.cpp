#include "engine/pipeline/http_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>

#include "engine/base/work_count.h"
#include "engine/pipeline/http_transfer.h"

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;

constexpr int kRedirects = 5;
constexpr milliseconds kLook{100};  // how often the stop token is looked at
constexpr milliseconds kLongestPause{4'000};
// Forward jumps up to this size are read through: less than a new request costs.
constexpr std::int64_t kReadThrough = 512 << 10;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool may_pass(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

Status stopped() { return {Code::cancelled, "stopped on request"}; }

}  // namespace

HttpBytes::HttpBytes(NetworkUrl url, const AddressRules& rules, std::stop_token stop, std::int64_t first,
                     const HttpLimits& limits, std::shared_ptr<HttpMulti> multi)
    : asked_(std::move(url)),
      rules_(rules),
      stop_(std::move(stop)),
      limits_(limits),
      url_(asked_),
      multi_(multi ? std::move(multi) : std::make_shared<HttpMulti>()),
      position_(first) {}

HttpBytes::~HttpBytes() = default;

Result<std::unique_ptr<HttpBytes>> HttpBytes::open(const NetworkUrl& url, const AddressRules& rules,
                                                   std::stop_token stop, std::int64_t first,
                                                   const HttpLimits& limits,
                                                   std::shared_ptr<HttpMulti> multi) {
  std::unique_ptr<HttpBytes> bytes(
      new HttpBytes(url, rules, std::move(stop), first, limits, std::move(multi)));
  if (Status status = bytes->connect(); !status.ok()) return status;
  return bytes;
}

Status HttpBytes::failed(Code code, const std::string& what) const {
  return {code, fmt::format("{}: {}", url_.shown(), what)};
}

void HttpBytes::count_progress(std::size_t bytes) {
  received_ += static_cast<std::int64_t>(bytes);
  if (received_ < kProgress) return;
  note_work();
  received_ = 0;
  waited_ = milliseconds{0};
  broken_ = 0;
}

// Runs the transfer once and counts the time.
Status HttpBytes::wait_for_bytes() {
  const std::size_t before = transfer_->body().size();
  const auto begun = std::chrono::steady_clock::now();
  transfer_->run(kLook);
  // What is beyond kLook was this process's own standing still, not the server's.
  waited_ +=
      std::min(kLook, std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun));
  if (transfer_->body().size() > before) count_progress(transfer_->body().size() - before);
  if (stop_.stop_requested()) return stopped();
  if (waited_ < limits_.without_progress) return {};
  return failed(Code::io_error,
                fmt::format("the server sent next to nothing for {} s (byte {} of {}); try again later",
                            limits_.without_progress.count() / 1000, position_,
                            size_ > 0 ? std::to_string(size_) : "an unknown number"));
}

// Waits before the next connection; gives up after too many.
Status HttpBytes::recover(const Status& why) {
  transfer_.reset();
  const bool is_new = !known_;  // a wrong name or port is told at once
  if (++broken_ >= (is_new ? std::min(limits_.connections, 3) : limits_.connections)) return why;
  const milliseconds pause = std::min(limits_.first_pause * (1 << std::min(broken_ - 1, 10)), kLongestPause);
  waited_ += pause;
  if (waited_ >= limits_.without_progress) return why;
  std::mutex mutex;
  std::condition_variable_any tick;
  std::unique_lock lock(mutex);
  tick.wait_for(lock, stop_, pause, [] { return false; });
  return stop_.stop_requested() ? stopped() : Status();
}

Status HttpBytes::connect() {
  while (true) {
    bool again = false;
    Status status = connect_once(again);
    if (status.ok()) return status;
    transfer_.reset();
    if (!again) return status;
    if (Status over = recover(status); !over.ok()) return over;
  }
}

Status HttpBytes::connect_once(bool& again) {
  url_ = asked_;
  for (int redirects = 0;; ++redirects) {
    const Status refused =
        failed(Code::invalid_argument,
               "not a public address, so it is refused; an operator can allow it with serve --allow-source");
    if (!rules_.may_allow(url_.host())) return refused;
    transfer_ = std::make_unique<HttpTransfer>(*multi_, url_, rules_, position_, limits_.connect);
    while (!transfer_->has_head() && !transfer_->ended())
      if (Status status = wait_for_bytes(); !status.ok()) return status;
    if (!transfer_->has_head()) {
      if (transfer_->refused())
        return failed(
            Code::invalid_argument,
            fmt::format("{} has the address {}, which is not public, so it is refused; an operator can "
                        "allow it with serve --allow-source",
                        url_.host(), *transfer_->refused()));
      const CURLcode end = transfer_->end();
      again = end != CURLE_PEER_FAILED_VERIFICATION && end != CURLE_URL_MALFORMAT &&
              end != CURLE_UNSUPPORTED_PROTOCOL;
      return failed(again ? Code::io_error : Code::invalid_argument,
                    fmt::format("cannot be read: {}", transfer_->words_of_end()));
    }
    const HttpHead& head = transfer_->head();
    if (!is_redirect(head.status)) {
      again = may_pass(head.status);
      return take_headers();
    }
    if (redirects == kRedirects)
      return failed(Code::invalid_argument,
                    fmt::format("more than {} redirects; give the last address", kRedirects));
    Result<NetworkUrl> next = url_.refer(head.location);
    if (!next.ok()) return next.status();
    url_ = std::move(*next);
  }
}

Status HttpBytes::take_headers() {
  const HttpHead& head = transfer_->head();
  if (head.status == 404 || head.status == 410)
    return failed(Code::not_found, fmt::format("there is no such file (the server answers {})", head.status));
  if (head.status == 416 && position_ == 0) return failed(Code::corrupt_input, "not a media file (empty)");
  if (head.status != 200 && head.status != 206)
    return failed(may_pass(head.status) ? Code::io_error : Code::invalid_argument,
                  fmt::format("the server answers {}; see that it may be read", head.status));
  if (head.encoded)
    return failed(Code::unsupported,
                  "the server compresses the file (Content-Encoding); let it send it as it is");
  if (!head.ends_clearly)
    return failed(
        Code::unsupported,
        "the server does not say how long the file is, so a broken connection could not be told from "
        "its end; use a server that sends Content-Length");
  if (head.status == 206 && head.first != position_)
    return failed(Code::io_error,
                  fmt::format("the server sends from byte {} instead of {}; use another server", head.first,
                              position_));
  if (known_ && (head.size != size_ || head.version != version_))
    return failed(Code::corrupt_input, "the file changed while it was read; submit the job again");
  known_ = true;
  size_ = head.size;
  version_ = head.version;
  to_skip_ = head.status == 206 ? 0 : position_;
  return {};
}

// Until there is a byte to read; without one at the end.
Status HttpBytes::fill() {
  while (!at_end_ && (size_ == 0 || position_ < size_)) {
    if (!transfer_)
      if (Status status = connect(); !status.ok()) return status;
    if (to_skip_ > 0) {
      const std::size_t skipped = std::min(transfer_->body().size(), static_cast<std::size_t>(to_skip_));
      transfer_->take(skipped);
      to_skip_ -= static_cast<std::int64_t>(skipped);
    }
    if (to_skip_ == 0 && !transfer_->body().empty()) return {};
    if (transfer_->body().empty() && transfer_->ended()) {
      const bool whole = transfer_->end() == CURLE_OK && size_ == 0 && to_skip_ == 0;
      at_end_ = whole;
      if (whole) return {};
      const Status broken = failed(
          Code::io_error,
          fmt::format("the connection broke at byte {} of {}: {}; try again later", position_,
                      size_ > 0 ? std::to_string(size_) : "an unknown number", transfer_->words_of_end()));
      if (Status status = recover(broken); !status.ok()) return status;
      continue;
    }
    const Status status = wait_for_bytes();
    if (!status.ok()) return status;
  }
  return {};
}

Result<std::string> HttpBytes::peek(std::size_t count) {
  const std::int64_t at = position_;
  if (Status status = fill(); !status.ok()) return status;
  while (transfer_ && transfer_->body().size() < count && !transfer_->ended() && position_ == at)
    if (Status status = wait_for_bytes(); !status.ok()) return status;
  return transfer_ ? std::string(transfer_->body().substr(0, count)) : std::string();
}

Result<std::size_t> HttpBytes::read(std::span<char> into) {
  if (Status status = fill(); !status.ok()) return status;
  if (at_end_ || (size_ > 0 && position_ >= size_)) return std::size_t{0};
  const std::string_view body = transfer_->body();
  const std::size_t count = std::min(body.size(), into.size());
  std::memcpy(into.data(), body.data(), count);
  transfer_->take(count);
  position_ += static_cast<std::int64_t>(count);
  return count;
}

Status HttpBytes::seek(std::int64_t position) {
  const std::int64_t forward = position - position_;
  if (forward == 0) return {};
  if (transfer_ && forward > 0 && forward <= kReadThrough) {
    to_skip_ += forward;
  } else {
    transfer_.reset();
    to_skip_ = 0;
  }
  position_ = position;
  at_end_ = false;
  return {};
}

Result<std::string> read_resource(HttpBytes& bytes, std::size_t most_bytes) {
  std::string whole;
  char buffer[16 << 10];
  while (true) {
    const auto count = bytes.read(buffer);
    if (!count.ok()) return count.status();
    if (*count == 0) return whole;
    whole.append(buffer, *count);
    if (whole.size() > most_bytes)
      return Status(Code::unsupported, fmt::format("{}: too large here, at most {} MiB are read",
                                                   bytes.url().shown(), most_bytes >> 20));
  }
}

}  // namespace millrace::engine
