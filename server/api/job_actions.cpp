// What can be done to jobs: cancel, retry, pause, resume; cancel for many at once, and for one output.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/job/job_json.h"
#include "server/api/routes.h"
#include "server/http/problem.h"

namespace millrace::server {
namespace {

using engine::Job;
using engine::JobService;
using engine::Result;
using nlohmann::ordered_json;

constexpr std::size_t kMostIds = 1000;

Reply cancel_many(const Request& request, JobService& service) {
  if (auto refusal = unknown_parameter(request, {})) return *refusal;
  const auto refused = [&](int status, std::string_view detail, std::string_view field) {
    return problem_reply(status, "invalid_argument", detail, request.path, field);
  };
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return refused(400, "the body must be JSON: {\"ids\": [...]}", "");
  if (!body.is_object() || !body.contains("ids") || !body["ids"].is_array())
    return refused(422, "ids: a list of job ids", "ids");
  for (const auto& [name, value] : body.items())
    if (name != "ids") return refused(422, fmt::format("field '{}' is not known; allowed: ids", name), name);
  const auto& ids = body["ids"];
  if (ids.size() > kMostIds) return refused(422, fmt::format("ids: at most {}", kMostIds), "ids");
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (!ids[i].is_string())
      return refused(422, fmt::format("ids[{}]: a job id is a string", i), fmt::format("ids[{}]", i));

  ordered_json document;
  document["results"] = ordered_json::array();
  for (const auto& id : ids) {
    ordered_json result;
    result["id"] = id;
    const Result<Job> job = service.cancel(id.get<std::string>());
    if (job.ok()) {
      result["state"] = engine::name_of(job->state);
    } else {
      const Reply problem = problem_reply(job.status(), Asked::a_job, request.path);
      result["error"] = ordered_json::parse(problem.body);
    }
    document["results"].push_back(std::move(result));
  }
  return json_reply(200, document);
}

Reply cancel_output(const Request& request, JobService& service) {
  if (auto refusal = unknown_parameter(request, {})) return *refusal;
  const auto job = service.cancel_output(request.parameters.at("id"), request.parameters.at("name"));
  return job.ok() ? json_reply(200, engine::shown_json(*job))
                  : problem_reply(job.status(), Asked::a_job, request.path);
}

}  // namespace

void add_job_actions(Routes& routes, JobService& service) {
  routes.push_back({"POST", "/v1/jobs/{id}/outputs/{name}/cancel",
                    [&](const Request& request) { return cancel_output(request, service); }});
  routes.push_back(
      {"POST", "/v1/jobs/cancel", [&](const Request& request) { return cancel_many(request, service); }});
  using Action = Result<Job> (JobService::*)(const std::string&);
  const std::pair<const char*, Action> actions[] = {{"cancel", &JobService::cancel},
                                                    {"retry", &JobService::retry},
                                                    {"pause", &JobService::pause},
                                                    {"resume", &JobService::resume}};
  for (const auto& [name, action] : actions)
    routes.push_back({"POST", fmt::format("/v1/jobs/{{id}}/{}", name),
                      [&service, action = action](const Request& request) {
                        if (auto refusal = unknown_parameter(request, {})) return *refusal;
                        const Result<Job> job = (service.*action)(request.parameters.at("id"));
                        return job.ok() ? json_reply(200, engine::shown_json(*job))
                                        : problem_reply(job.status(), Asked::a_job, request.path);
                      }});
}

}  // namespace millrace::server
