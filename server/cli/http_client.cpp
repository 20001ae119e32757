#include "server/cli/http_client.h"

#include <fmt/format.h>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

#include "engine/base/version.h"

namespace millrace::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using engine::Code;
using engine::Result;
using engine::Status;

constexpr std::uint64_t kLongestReply = std::uint64_t{256} << 20;

// Starts one asynchronous step, for only these have a deadline, and waits for its end.
template <class Start>
beast::error_code finish(asio::io_context& context, Start start) {
  beast::error_code result = asio::error::would_block;
  start([&result](beast::error_code error, auto&&...) { result = error; });
  context.restart();
  context.run();
  return result;
}

}  // namespace

Result<ServerAddress> server_address(std::string_view url) {
  const Status wrong(Code::invalid_argument,
                     fmt::format("--server {}: write it as http://127.0.0.1:8080", url));
  if (url.starts_with("https://"))
    return Status(Code::unsupported, fmt::format("--server {}: https is not built yet; use http", url));
  if (!url.starts_with("http://")) return wrong;
  url.remove_prefix(7);
  url = url.substr(0, url.find('/'));
  ServerAddress address;
  const auto bracket = url.starts_with('[') ? url.find(']') : 0;
  if (bracket == std::string_view::npos) return wrong;
  const auto colon = url.find(':', bracket);
  address.host = url.substr(0, colon);
  if (colon != std::string_view::npos) address.port = url.substr(colon + 1);
  if (address.host.size() > 2 && address.host.front() == '[')
    address.host = address.host.substr(1, address.host.size() - 2);
  const bool number = !address.port.empty() && address.port.size() <= 5 &&
                      address.port.find_first_not_of("0123456789") == std::string::npos;
  if (address.host.empty() || !number) return wrong;
  return address;
}

Result<HttpReply> ask(const ServerAddress& server, const HttpQuestion& question) {
  const bool is_ipv6 = server.host.find(':') != std::string::npos;
  const std::string authority = (is_ipv6 ? "[" + server.host + "]" : server.host) + ":" + server.port;
  const std::string where = "http://" + authority;
  const auto failed = [&](const beast::error_code& error) {
    return Status(Code::io_error,
                  fmt::format("{}: {}; is the server running there?", where, error.message()));
  };
  asio::io_context context;
  beast::error_code error;
  asio::ip::tcp::resolver resolver(context);
  const auto endpoints = resolver.resolve(server.host, server.port, error);
  if (error) return failed(error);
  beast::tcp_stream stream(context);
  stream.expires_after(question.within);
  error = finish(context, [&](auto done) { stream.async_connect(endpoints, done); });
  if (error) return failed(error);

  http::request<http::string_body> request;
  request.method_string(question.method);
  request.target(question.target);
  request.set(http::field::host, authority);
  request.set(http::field::user_agent, fmt::format("millrace/{}", engine::version()));
  request.set(http::field::accept, "application/json, application/problem+json");
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : question.headers) request.set(name, value);
  if (!question.body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = question.body;
  request.prepare_payload();
  // A server may refuse before it has read all: its answer counts, not the broken write.
  const auto written = finish(context, [&](auto done) { http::async_write(stream, request, done); });

  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kLongestReply);
  error = finish(context, [&](auto done) { http::async_read(stream, buffer, parser, done); });
  if (error) return failed(written ? written : error);
  return HttpReply{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

}  // namespace millrace::server
