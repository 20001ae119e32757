#include "server/api/routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/http/problem.h"

namespace millrace::server {

Routes all_routes(engine::JobService& service) {
  Routes routes;
  add_jobs(routes, service);
  add_job_actions(routes, service);
  add_inspect(routes, service);
  add_hardware(routes, service);
  add_metrics(routes, service);
  add_backups(routes, service);
  add_openapi(routes);
  return routes;
}

std::optional<Reply> unknown_parameter(const Request& request,
                                       std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string allowed;
    for (const std::string_view each : known)
      allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", each);
    return problem_reply(400, "invalid_argument",
                         fmt::format("query parameter '{}' is not known here; allowed: {}", name,
                                     allowed.empty() ? "none" : allowed),
                         request.path, name);
  }
  return std::nullopt;
}

bool read_flag(const Request& request, const std::string& name, std::optional<Reply>& refusal) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second == "false" || found->second == "0") return false;
  if (found->second == "true" || found->second == "1") return true;
  refusal =
      problem_reply(400, "invalid_argument", fmt::format("{}: use true or false", name), request.path, name);
  return false;
}

}  // namespace millrace::server
