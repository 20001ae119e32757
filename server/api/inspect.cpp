// What a source is, without a job.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/api/routes.h"
#include "server/http/problem.h"

namespace millrace::server {
namespace {

Reply inspect(const Request& request, engine::JobService& service) {
  if (auto refusal = unknown_parameter(request, {})) return *refusal;
  const auto refused = [&](int status, std::string_view detail, std::string_view field) {
    return problem_reply(status, "invalid_argument", detail, request.path, field);
  };
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return refused(400, "the body must be JSON: {\"url\": \"file:///...\"}", "");
  if (!body.is_object() || !body.contains("url") || !body["url"].is_string())
    return refused(422, "url: the source as a string, such as file:///media/in.mov", "url");
  for (const auto& [name, value] : body.items())
    if (name != "url") return refused(422, fmt::format("field '{}' is not known; allowed: url", name), name);
  const auto source = service.inspect(body["url"].get<std::string>());
  return source.ok() ? json_reply(200, *source)
                     : problem_reply(source.status(), Asked::new_work, request.path);
}

}  // namespace

void add_inspect(Routes& routes, engine::JobService& service) {
  routes.push_back(
      {"POST", "/v1/inspect", [&](const Request& request) { return inspect(request, service); }});
}

}  // namespace millrace::server
