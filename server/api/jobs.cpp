// Jobs as a resource: submit, list, show, delete.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/job/job_json.h"
#include "server/api/routes.h"
#include "server/http/problem.h"

namespace millrace::server {
namespace {

using engine::JobFilter;
using engine::JobService;
using engine::Result;
using engine::Status;
using nlohmann::ordered_json;

constexpr std::size_t kLongestKey = 255;
constexpr int kLongestPage = 500;

Reply bad_request(const Request& request, std::string_view detail, std::string_view field = {}) {
  return problem_reply(400, "invalid_argument", detail, request.path, field);
}

Reply submit(const Request& request, JobService& service) {
  if (auto refusal = unknown_parameter(request, {"dry_run"})) return *refusal;
  std::optional<Reply> refusal;
  const bool dry_run = read_flag(request, "dry_run", refusal);
  if (refusal) return *refusal;
  if (request.idempotency_key.size() > kLongestKey)
    return bad_request(request, fmt::format("Idempotency-Key: at most {} characters", kLongestKey),
                       "Idempotency-Key");
  if (!nlohmann::json::accept(request.body))
    return bad_request(request, "the body must be a job's spec in JSON");
  if (dry_run) {
    const Result<ordered_json> plan = service.plan(request.body);
    return plan.ok() ? json_reply(200, *plan) : problem_reply(plan.status(), Asked::new_work, request.path);
  }
  const auto submitted = service.submit(request.body, request.idempotency_key);
  if (!submitted.ok()) return problem_reply(submitted.status(), Asked::new_work, request.path);
  Reply reply = json_reply(submitted->created ? 201 : 200, engine::shown_json(submitted->job));
  reply.headers.emplace_back("Location", "/v1/jobs/" + submitted->job.id);
  if (!submitted->created) reply.headers.emplace_back("Idempotent-Replayed", "true");
  return reply;
}

// The filter that the query asks for; invalid_argument names the parameter.
Result<JobFilter> read_filter(const Request& request) {
  JobFilter filter;
  const auto refused = [](std::string message, std::string field) {
    return Status(engine::Code::invalid_argument, std::move(message)).at_field(std::move(field));
  };
  for (const auto& [name, value] : request.query) {
    if (name == "state") {
      filter.state = engine::job_state_named(value);
      if (!filter.state)
        return refused("state: allowed are queued, running, paused, completed, failed, cancelled", name);
    } else if (name == "tag") {
      if (value.find('=') == std::string::npos) return refused("tag: write it as key=value", name);
      filter.tag = value;
    } else if (name == "cursor") {
      filter.cursor = value;
    } else if (name == "limit") {
      const char* end = value.data() + value.size();
      const auto [stop, error] = std::from_chars(value.data(), end, filter.limit);
      if (error != std::errc{} || stop != end || filter.limit < 1 || filter.limit > kLongestPage)
        return refused(fmt::format("limit: a number from 1 to {}", kLongestPage), name);
    }
  }
  return filter;
}

Reply list(const Request& request, JobService& service) {
  if (auto refusal = unknown_parameter(request, {"state", "tag", "limit", "cursor"})) return *refusal;
  const Result<JobFilter> filter = read_filter(request);
  if (!filter.ok()) return problem_reply(filter.status(), Asked::a_list, request.path);
  const auto page = service.list(*filter);
  if (!page.ok()) return problem_reply(page.status(), Asked::a_list, request.path);
  ordered_json document;
  document["jobs"] = ordered_json::array();
  for (const engine::Job& job : page->jobs) document["jobs"].push_back(engine::shown_json_short(job));
  document["next"] = page->next.empty() ? ordered_json(nullptr) : ordered_json(page->next);
  return json_reply(200, document);
}

Reply show(const Request& request, JobService& service) {
  if (auto refusal = unknown_parameter(request, {})) return *refusal;
  const auto job = service.get(request.parameters.at("id"));
  return job.ok() ? json_reply(200, engine::shown_json(*job))
                  : problem_reply(job.status(), Asked::a_job, request.path);
}

Reply erase(const Request& request, JobService& service) {
  if (auto refusal = unknown_parameter(request, {})) return *refusal;
  if (const Status s = service.erase(request.parameters.at("id")); !s.ok())
    return problem_reply(s, Asked::a_job, request.path);
  Reply reply;
  reply.status = 204;
  return reply;
}

}  // namespace

void add_jobs(Routes& routes, JobService& service) {
  routes.push_back({"POST", "/v1/jobs", [&](const Request& request) { return submit(request, service); }});
  routes.push_back({"GET", "/v1/jobs", [&](const Request& request) { return list(request, service); }});
  routes.push_back({"GET", "/v1/jobs/{id}", [&](const Request& request) { return show(request, service); }});
  routes.push_back(
      {"DELETE", "/v1/jobs/{id}", [&](const Request& request) { return erase(request, service); }});
}

}  // namespace millrace::server
