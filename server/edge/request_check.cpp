#include "server/edge/request_check.h"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include "server/http/problem.h"

namespace millrace::server {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

Reply refused(int status, std::string_view kind, std::string_view detail) {
  return problem_reply(status, kind, detail);
}

// A browser names the page that sends a request in Origin; where no token is asked for, any page that the
// user has open could submit and delete jobs. Asking for GET or HEAD changes nothing, and its answer is kept
// from such a page.
bool is_from_another_site(const RequestHead& head) {
  if (head.count(http::field::origin) == 0 || head.method() == http::verb::get ||
      head.method() == http::verb::head)
    return false;
  const auto origin = head[http::field::origin];
  const std::size_t scheme = origin.find("://");
  return scheme == beast::string_view::npos ||
         !beast::iequals(origin.substr(scheme + 3), head[http::field::host]);
}

// With or without a port.
bool is_local_name(std::string_view host) {
  const auto bracket = host.starts_with('[') ? host.find(']') : 0;
  host = host.substr(0, host.find(':', bracket == std::string_view::npos ? 0 : bracket));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return error ? beast::iequals(beast::string_view(host.data(), host.size()), "localhost")
               : address.is_loopback();
}

}  // namespace

std::optional<Reply> check_head(const RequestHead& head) {
  constexpr std::string_view kBad = "bad_request";
  if (head.version() != 10 && head.version() != 11)
    return refused(505, "unsupported", "this server speaks HTTP/1.1 and HTTP/1.0");
  const auto hosts = head.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && head.version() == 11))
    return refused(400, kBad, "a request carries exactly one Host header");
  const auto lengths = head.count(http::field::content_length);
  const auto encodings = head.count(http::field::transfer_encoding);
  // The parser takes "2, 2" for 2; others may not.
  const auto length = head[http::field::content_length];
  if (lengths > 1 || length.find_first_not_of("0123456789") != boost::beast::string_view::npos)
    return refused(400, kBad, "Content-Length must be one number");
  if (lengths > 0 && encodings > 0)
    return refused(400, kBad, "Content-Length and Transfer-Encoding exclude each other");
  if (encodings > 0 && head.version() == 10) return refused(400, kBad, "HTTP/1.0 has no Transfer-Encoding");
  if (encodings > 1 || (encodings == 1 && !beast::iequals(head[http::field::transfer_encoding], "chunked")))
    return refused(501, "unsupported", "of transfer encodings, only chunked is taken");
  if (head.count(http::field::authorization) > 1)
    return refused(400, kBad, "Authorization stands more than once");
  if (head.count(http::field::expect) > 0 && !expects_continue(head))
    return refused(417, "unsupported", "of expectations, only 100-continue can be met");
  if (is_from_another_site(head))
    return refused(403, "forbidden", "pages of other sites may not change anything here");
  switch (head.method()) {
    case http::verb::get:
    case http::verb::head:
    case http::verb::post:
    case http::verb::put:
    case http::verb::patch:
    case http::verb::delete_:
    case http::verb::options:
      return std::nullopt;
    default:
      return refused(501, "unsupported", "this method is not known here");
  }
}

std::optional<Reply> check_host(const RequestHead& head) {
  const auto field = head[http::field::host];
  const std::string_view host(field.data(), field.size());
  if (host.empty() || is_local_name(host)) return std::nullopt;
  return refused(
      403, "forbidden",
      "without tokens this server answers to localhost, 127.0.0.1 and [::1] alone, not to the Host "
      "that was sent");
}

std::optional<Reply> answer_to_parser(const boost::system::error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refused(431, "too_large", "the request's head is too long");
  if (error == http::error::body_limit)
    return refused(413, "too_large", "the body is larger than this server takes");
  if (error == http::error::bad_version)
    return refused(505, "unsupported", "this server speaks HTTP/1.1 and HTTP/1.0");
  const boost::system::error_code any_http_error = http::error::bad_method;
  if (error.category() == any_http_error.category())
    return refused(400, "bad_request", "this is no HTTP request");
  return std::nullopt;
}

bool expects_continue(const RequestHead& head) {
  return head.count(http::field::expect) == 1 && beast::iequals(head[http::field::expect], "100-continue");
}

}  // namespace millrace::server
