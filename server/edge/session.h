// Session answers the requests of one connection, one after the other, pipelined ones in their order. Belongs
// to the connection's strand.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <string>

#include "server/edge/api_client.h"
#include "server/edge/connection.h"
#include "server/edge/edge_config.h"
#include "server/edge/edge_route.h"
#include "server/http/target.h"

namespace millrace::server {

class EventStream;

class Session {
 public:
  // Once `stopping` is true, which must live as long, no answer offers to keep the connection.
  Session(boost::asio::ip::tcp::socket socket, const EdgeServices& services, const EdgeLimits& limits,
          ApiClient& api, const std::atomic<bool>& stopping);

  // Until the client goes, breaks a rule, or `stopping` is true after an answer. `full`: says 503 to the
  // first request and goodbye.
  boost::asio::awaitable<void> run(bool full);

  // From the strand, after `stopping` became true: ends at once where no request is being answered.
  void stop();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  // Whether the connection can carry another request.
  enum class Next { request, goodbye, gone };

  boost::asio::awaitable<bool> wait_for_request(bool first);
  boost::asio::awaitable<Next> serve_request();
  boost::asio::awaitable<bool> read_body(Parser& parser);
  boost::asio::awaitable<Next> refuse(Reply reply, bool head_only);
  boost::asio::awaitable<Next> refuse_parser(boost::system::error_code error);

  boost::asio::awaitable<Next> answer(Parser& parser, Target target, EdgeRoute route);
  boost::asio::awaitable<Next> send(Reply reply, Parser& parser);
  boost::asio::awaitable<Next> send_file(Parser& parser, EdgeRoute route);
  boost::asio::awaitable<Next> send_events(Parser& parser, Target target, EdgeRoute route);
  boost::asio::awaitable<Reply> ask_api(Parser& parser, Target target, EdgeRoute route);
  Reply own_reply(const EdgeRoute& route, const std::string& path);

  Connection connection_;
  const EdgeServices& services_;
  const EdgeLimits& limits_;
  ApiClient& api_;
  const std::atomic<bool>& stopping_;
  EventStream* events_ = nullptr;  // while one is sent
  bool waiting_ = true;            // for a request
};

}  // namespace millrace::server
