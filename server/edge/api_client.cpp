#include "server/edge/api_client.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "engine/base/log.h"
#include "server/api/loopback.h"
#include "server/edge/coroutine.h"
#include "server/edge/watchdog.h"
#include "server/http/problem.h"

namespace millrace::server {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kMostIdle = 32;
constexpr std::size_t kLargestAnswer = 64 << 20;

Reply failed(int status, std::string_view detail) {
  return problem_reply(status, status == 503 ? "resource_exhausted" : "internal", detail);
}

// What an answer of the api may say to a client.
Reply reply_of(const http::response<http::string_body>& answer) {
  Reply reply;
  reply.status = static_cast<int>(answer.result_int());
  reply.body = answer.body();
  reply.content_type = std::string(answer[http::field::content_type]);
  for (const char* name : {"Location", "Allow", "Retry-After", "Idempotent-Replayed"})
    if (const auto value = answer[name]; !value.empty()) reply.headers.emplace_back(name, std::string(value));
  reply.headers.emplace_back("Cache-Control", "no-store");
  return reply;
}

}  // namespace

ApiClient::ApiClient(asio::io_context& context, const EdgeServices& services, const EdgeLimits& limits)
    : context_(context), secret_(services.api_secret) {
  pools_[0].port = services.quick_api_port;
  pools_[0].deadline = limits.quick_answer;
  pools_[1].port = services.patient_api_port;
  pools_[1].deadline = limits.patient_answer;
}

std::unique_ptr<ApiClient::Socket> ApiClient::take(Pool& pool) {
  const std::lock_guard lock(pool.mutex);
  while (!pool.idle.empty()) {
    std::unique_ptr<Socket> socket = std::move(pool.idle.back());
    pool.idle.pop_back();
    char byte = 0;
    // Nothing is due on an idle connection: readable means closed, or out of step.
    const ssize_t seen = ::recv(socket->native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return socket;
  }
  return nullptr;
}

void ApiClient::give_back(Pool& pool, std::unique_ptr<Socket> socket) {
  const std::lock_guard lock(pool.mutex);
  if (pool.idle.size() < kMostIdle) pool.idle.push_back(std::move(socket));
}

asio::awaitable<Reply> ApiClient::ask(ApiQuestion question, Lane lane) {
  Pool& pool = pools_[lane == Lane::quick ? 0 : 1];
  const auto strand = co_await asio::this_coro::executor;
  std::unique_ptr<Socket> socket = take(pool);
  const bool connected = socket != nullptr;
  if (!connected) socket = std::make_unique<Socket>(context_);
  Watchdog watchdog(strand, [raw = socket.get()] {
    error_code ignored;
    raw->cancel(ignored);
  });
  watchdog.arm(pool.deadline);
  error_code error;
  if (!connected) {
    const asio::ip::tcp::endpoint api(asio::ip::address_v4::loopback(), pool.port);
    co_await socket->async_connect(api, asio::redirect_error(asio::use_awaitable, error));
    if (!error) socket->set_option(asio::ip::tcp::no_delay(true), error);
    if (error) {
      spdlog::error("the api on port {} does not take connections: {}", pool.port, error.message());
      co_return failed(503, "the server is starting, stopping or overloaded; try again later");
    }
  }
  const std::string exchange = std::to_string(++exchanges_);
  std::string bytes =
      fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n{}: {}\r\n{}: {}\r\n",
                  question.method, question.target, kSecretHeader, secret_, kExchangeHeader, exchange);
  if (!question.idempotency_key.empty())
    bytes += fmt::format("Idempotency-Key: {}\r\n", question.idempotency_key);
  bytes += fmt::format("Content-Length: {}\r\n\r\n", question.body.size());
  bytes += question.body;
  co_await asio::async_write(*socket, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kLargestAnswer);
  if (!error)
    co_await http::async_read(*socket, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
  watchdog.disarm();
  if (error) {
    spdlog::error("{} {}: no answer from the api: {}", question.method, question.target, error.message());
    if (watchdog.expired()) co_return failed(504, "the server did not get this done in time");
    co_return failed(500, "the server failed at this; its log says why");
  }
  // The router's own refusals do not carry the number, and have Pistache's words in them.
  if (parser.get()[kExchangeHeader] != exchange) {
    spdlog::error("{} {}: the api answered out of turn or refused to parse: {} {}", question.method,
                  question.target, parser.get().result_int(), parser.get().body());
    co_return failed(500, "the server failed at this; its log says why");
  }
  if (parser.keep_alive() && buffer.size() == 0) give_back(pool, std::move(socket));
  co_return reply_of(parser.get());
}

}  // namespace millrace::server
