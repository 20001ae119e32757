// What a source is, without a job.
#include <nlohmann/json.hpp>

#include "engine/job/job_spec_json.h"
#include "server/api/routes.h"
#include "server/http/problem.h"

namespace millrace::server {
namespace {

Reply inspect(const Request& request, engine::JobService& service) {
  if (auto refusal = unknown_parameter(request, {})) return *refusal;
  if (!nlohmann::json::accept(request.body))
    return problem_reply(400, "invalid_argument", "the body must be JSON: {\"url\": \"file:///...\"}",
                         request.path);
  const auto input = engine::parse_job_input(request.body);
  const auto source = input.ok() ? service.inspect(*input) : input.status();
  return source.ok() ? json_reply(200, *source)
                     : problem_reply(source.status(), Asked::new_work, request.path);
}

}  // namespace

void add_inspect(Routes& routes, engine::JobService& service) {
  routes.push_back(
      {"POST", "/v1/inspect", [&](const Request& request) { return inspect(request, service); }});
}

}  // namespace millrace::server
