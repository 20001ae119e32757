#include "engine/pipeline/http_transfer.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <new>

#include "engine/base/version.h"

namespace millrace::engine {
namespace {

CURL* make_easy() {
  CURL* easy = curl_easy_init();
  if (easy == nullptr) throw std::bad_alloc();
  return easy;
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return small;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n'))
    text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::string words_of(const sockaddr& address) {
  NetAddress bytes{};
  if (address.sa_family == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, bytes.size());
  } else {
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(bytes.data() + 12, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  }
  return text_of(bytes);
}

}  // namespace

HttpMulti::HttpMulti() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  handle_ = ready == CURLE_OK ? curl_multi_init() : nullptr;
  if (handle_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(handle_, CURLMOPT_MAXCONNECTS, 2L);
}

HttpMulti::~HttpMulti() { curl_multi_cleanup(handle_); }

HttpTransfer::HttpTransfer(const HttpMulti& multi, const NetworkUrl& url, const AddressRules& rules,
                           std::int64_t first, std::chrono::milliseconds connect)
    : multi_(multi.handle()),
      easy_(make_easy()),
      rules_(rules),
      host_is_named_(rules.names(url.host())),
      asked_first_(first) {
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_, option, value); };
  set(CURLOPT_URL, url.text().c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);  // each host on the way is looked at
  set(CURLOPT_PROXY, "");           // a proxy would connect to addresses that nobody looks at
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_RANGE, fmt::format("{}-", first).c_str());
  set(CURLOPT_USERAGENT, fmt::format("millrace/{}", version()).c_str());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a name that is still looked up holds nobody
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  set(CURLOPT_BUFFERSIZE, 64L << 10);
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &HttpTransfer::on_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) throw std::bad_alloc();
}

HttpTransfer::~HttpTransfer() {
  curl_multi_remove_handle(multi_, easy_);
  curl_easy_cleanup(easy_);
}

void HttpTransfer::run(std::chrono::milliseconds most) {
  int running = 0;
  const std::size_t before = body_.size();
  const bool had_head = has_head_;
  curl_multi_perform(multi_, &running);
  if (body_.size() == before && has_head_ == had_head && running > 0) {
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(most.count()), nullptr);
    curl_multi_perform(multi_, &running);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    HttpTransfer* ended = nullptr;  // another one of the same multi handle, maybe
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
    ended->end_ = message->data.result;
  }
}

std::string HttpTransfer::words_of_end() const {
  return error_[0] != '\0' ? error_ : curl_easy_strerror(end_.value_or(CURLE_OK));
}

void HttpTransfer::take(std::size_t bytes) {
  taken_ += bytes;
  if (body_.size() - taken_ > kHeld / 2) return;
  body_.erase(0, taken_);
  taken_ = 0;
  if (!paused_) return;
  paused_ = false;
  curl_easy_pause(easy_, CURLPAUSE_CONT);
}

std::size_t HttpTransfer::on_header(char* line, std::size_t size, std::size_t count, void* self) {
  static_cast<HttpTransfer*>(self)->take_line({line, size * count});
  return size * count;
}

// RFC 9112 §4 and §5, RFC 9110 §8.6, §14.4.
void HttpTransfer::take_line(std::string_view line) {
  if (has_head_) return;  // what follows chunks
  line = trimmed(line);
  if (line.starts_with("HTTP/")) {
    head_ = HttpHead();
    const auto space = line.find(' ');
    if (space != std::string_view::npos)
      head_.status = static_cast<int>(number_of(line.substr(space + 1, 3)).value_or(0));
    return;
  }
  if (line.empty()) {
    has_head_ = head_.status >= 200;
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = lower(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-length") {
    head_.ends_clearly = true;
    if (head_.size == 0) head_.size = number_of(value).value_or(0);
  } else if (name == "transfer-encoding") {
    head_.ends_clearly = true;
  } else if (name == "content-range" && lower(value).starts_with("bytes ")) {
    const std::string_view range = trimmed(value.substr(6));
    head_.first = number_of(range.substr(0, range.find('-'))).value_or(-1);
    const auto slash = range.find('/');
    head_.size = slash == std::string_view::npos ? 0 : number_of(range.substr(slash + 1)).value_or(0);
  } else if (name == "content-encoding") {
    head_.encoded = lower(value) != "identity";
  } else if (name == "location") {
    head_.location = value;
  } else if (name == "etag" || (name == "last-modified" && head_.version.empty())) {
    head_.version = value;
  }
}

std::size_t HttpTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const bool wanted = transfer.head_.status == 200 || transfer.head_.status == 206;
  if (!wanted) return size * count;
  if (transfer.body_.size() - transfer.taken_ >= kHeld) {
    transfer.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  transfer.body_.append(bytes, size * count);
  return size * count;
}

curl_socket_t HttpTransfer::on_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const bool is_ip = address->family == AF_INET || address->family == AF_INET6;
  const bool allowed = transfer.host_is_named_ || transfer.rules_.allow(address->addr);
  if (purpose != CURLSOCKTYPE_IPCXN || !is_ip || !allowed) {
    if (is_ip) transfer.refused_ = words_of(address->addr);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace millrace::engine
