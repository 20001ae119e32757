#include "server/http/problem.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/base/log.h"

namespace millrace::server {

using engine::Code;

int http_status_of(Code code, Asked asked) {
  switch (code) {
    case Code::invalid_argument:
    case Code::unsupported:
    case Code::corrupt_input:
      return asked == Asked::new_work ? 422 : asked == Asked::a_job ? 409 : 400;
    case Code::not_found:
      return asked == Asked::new_work ? 422 : 404;
    case Code::already_exists:
      return 409;
    case Code::cancelled:
    case Code::resource_exhausted:
      return 503;
    case Code::ok:
    case Code::io_error:
    case Code::device_lost:
    case Code::worker_killed:
    case Code::out_of_memory:
    case Code::internal:
      break;
  }
  return 500;
}

Reply problem_reply(int status, std::string_view kind, std::string_view detail, std::string_view instance,
                    std::string_view field) {
  nlohmann::ordered_json document;
  document["type"] = fmt::format("urn:millrace:problem:{}", kind);
  document["title"] = reason_of(status);
  document["status"] = status;
  document["detail"] = detail;
  if (!field.empty()) document["field"] = field;
  if (!instance.empty()) document["instance"] = instance;
  Reply reply = json_reply(status, document);
  reply.content_type = "application/problem+json";
  if (status == 503) reply.headers.emplace_back("Retry-After", "5");
  return reply;
}

Reply problem_reply(const engine::Status& status, Asked asked, std::string_view instance) {
  // An input that another server does not give now is no failure of this one.
  const bool of_input = status.code() == engine::Code::io_error && asked == Asked::new_work &&
                        status.field().starts_with("input");
  const int code = of_input ? 422 : http_status_of(status.code(), asked);
  const std::string_view kind = engine::name_of(status.code());
  if (code < 500) return problem_reply(code, kind, status.message(), instance, status.field());
  spdlog::error("{}: {}", instance, to_string(status));
  if (code == 503)
    return problem_reply(503, kind,
                         "the server has no room for this now (disk, memory or sessions); try again later",
                         instance);
  return problem_reply(500, "internal", "the server failed at this; its log says why", instance);
}

Reply method_not_allowed(std::string_view allow, std::string_view instance) {
  Reply reply =
      problem_reply(405, "method_not_allowed", fmt::format("this path answers to {}", allow), instance);
  reply.headers.emplace_back("Allow", allow);
  return reply;
}

Reply no_such_path(std::string_view instance) {
  return problem_reply(404, "not_found", "nothing answers at this path; /v1/openapi.json lists what does",
                       instance);
}

}  // namespace millrace::server
