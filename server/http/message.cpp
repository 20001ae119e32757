#include "server/http/message.h"
#include "engine/base/json_text.h"

#include <array>
#include <nlohmann/json.hpp>

namespace millrace::server {

Reply json_reply(int status, const nlohmann::ordered_json& document) {
  Reply reply;
  reply.status = status;
  reply.content_type = "application/json";
  reply.body = engine::json_text(document);
  reply.body += '\n';
  return reply;
}

std::string_view reason_of(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 24> kReasons{{
      {200, "OK"},
      {201, "Created"},
      {204, "No Content"},
      {206, "Partial Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  }};
  for (const auto& [each, reason] : kReasons)
    if (each == status) return reason;
  return "Unknown";
}

}  // namespace millrace::server
