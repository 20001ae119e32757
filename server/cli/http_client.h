// A small HTTP/1.1 client for the command line: one request, one reply, one connection. Blocking.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"

namespace millrace::server {

// Where the server answers, of "http://127.0.0.1:8080" (a port or a path may be left out). unsupported for
// https.
struct ServerAddress {
  std::string host;
  std::string port = "80";
};
engine::Result<ServerAddress> server_address(std::string_view url);

struct HttpReply {
  int status = 0;
  std::string body;
};

struct HttpQuestion {
  std::string method = "GET";
  std::string target;
  std::string body;  // application/json; empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::seconds within{60};  // for the whole exchange
};

// io_error when no server answers there in time; the sentence names it.
engine::Result<HttpReply> ask(const ServerAddress& server, const HttpQuestion& question);

}  // namespace millrace::server
