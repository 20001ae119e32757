// Request and Reply: an HTTP exchange as plain data, so that handlers know neither Pistache nor Beast.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::server {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;                             // "GET"
  std::string path;                               // as asked for, percent-encoded, without the query
  std::map<std::string, std::string> parameters;  // of the route: {"id", "01J..."}, decoded
  std::map<std::string, std::string> query;       // decoded; a name stands once
  std::string idempotency_key;                    // empty: none
  std::string body;
};

struct Reply {
  int status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  Headers headers;  // without Content-Type and Content-Length
};

// Bytes that are no UTF-8 come out as U+FFFD.
Reply json_reply(int status, const nlohmann::ordered_json& document);

// "Not Found" of 404; RFC 9110 §15, RFC 6585.
std::string_view reason_of(int status);

}  // namespace millrace::server
