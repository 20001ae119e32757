#include "server/edge/connection.h"

#include <fmt/format.h>
#include <sys/sendfile.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

#include "engine/base/log.h"
#include "server/edge/coroutine.h"
#include "server/http/conditional.h"

namespace millrace::server {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::uint64_t kMostPerCall = 1 << 20;     // so that a deadline is set anew now and then
constexpr std::uint64_t kMostPerTurn = 8ULL << 20;  // then the other connections of this thread
constexpr std::size_t kMostThrownAway = 8 << 20;

}  // namespace

std::string response_head(int status, const Headers& headers, bool keep_alive) {
  std::string head = fmt::format(
      "HTTP/1.1 {} {}\r\nDate: {}\r\nConnection: {}\r\nX-Content-Type-Options: nosniff\r\n", status,
      reason_of(status), http_date(std::time(nullptr)), keep_alive ? "keep-alive" : "close");
  for (const auto& [name, value] : headers) head += fmt::format("{}: {}\r\n", name, value);
  head += "\r\n";
  return head;
}

// The buffer holds a whole head, and the body's beginning beside it.
Connection::Connection(asio::ip::tcp::socket socket, const EdgeLimits& limits)
    : socket_(std::move(socket)),
      limits_(limits),
      buffer_(limits.header_bytes + 65536),
      watchdog_(socket_.get_executor(), [this] {
        error_code ignored;
        socket_.cancel(ignored);
      }) {
  error_code ignored;  // a client that is gone already shows at the first read
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Connection::abort() {
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<bool> Connection::write_bytes(std::string bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    error_code error;
    watchdog_.arm(limits_.write);
    const auto rest = asio::buffer(bytes.data() + sent, bytes.size() - sent);
    sent += co_await socket_.async_write_some(rest, asio::redirect_error(asio::use_awaitable, error));
    watchdog_.disarm();
    if (error) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::write_reply(Reply reply, WriteMode mode) {
  Headers headers = std::move(reply.headers);
  if (!reply.content_type.empty()) headers.emplace_back("Content-Type", reply.content_type);
  // 204 and 304 have no body by definition, and no length (RFC 9110 §8.6).
  const bool has_body = reply.status != 204 && reply.status != 304;
  if (has_body) headers.emplace_back("Content-Length", std::to_string(reply.body.size()));
  std::string bytes = response_head(reply.status, headers, mode.keep_alive);
  if (has_body && !mode.head_only) bytes += reply.body;
  return write_bytes(std::move(bytes));
}

asio::awaitable<bool> Connection::write_file(int status, Headers headers, engine::UniqueFd file,
                                             std::uint64_t offset, std::uint64_t length, WriteMode mode) {
  headers.emplace_back("Content-Length", std::to_string(length));
  std::string head = response_head(status, headers, mode.keep_alive);
  const bool written = co_await write_bytes(std::move(head));
  if (!written || mode.head_only) co_return written;
  const bool sent = co_await send_range(file.get(), offset, length);
  co_return sent;
}

asio::awaitable<bool> Connection::send_range(int file, std::uint64_t offset, std::uint64_t length) {
  socket_.native_non_blocking(true);
  auto at = static_cast<off_t>(offset);
  std::uint64_t left = length, this_turn = 0;
  while (left > 0) {
    if (!socket_.is_open()) co_return false;
    const ssize_t sent = ::sendfile(socket_.native_handle(), file, &at, std::min(left, kMostPerCall));
    if (sent > 0) {
      left -= static_cast<std::uint64_t>(sent);
      this_turn += static_cast<std::uint64_t>(sent);
      if (this_turn >= kMostPerTurn) {
        this_turn = 0;
        co_await asio::post(socket_.get_executor(), asio::use_awaitable);
      }
    } else if (sent < 0 && errno == EAGAIN) {
      error_code error;
      watchdog_.arm(limits_.write);
      co_await socket_.async_wait(asio::ip::tcp::socket::wait_write,
                                  asio::redirect_error(asio::use_awaitable, error));
      watchdog_.disarm();
      if (error) co_return false;
      this_turn = 0;
    } else if (sent == 0) {
      spdlog::warn("a file became shorter while it was sent; {} bytes are missing", left);
      co_return false;
    } else if (errno != EINTR) {
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<void> Connection::linger() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (error) co_return;
  watchdog_.arm(limits_.linger);
  std::array<char, 16384> thrown_away;
  std::size_t total = 0;
  while (!error && total < kMostThrownAway)
    total += co_await socket_.async_read_some(asio::buffer(thrown_away),
                                              asio::redirect_error(asio::use_awaitable, error));
  watchdog_.disarm();
}

}  // namespace millrace::server
