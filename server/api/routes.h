// Routes: what the api answers, as a table. Handlers take and give plain data, know neither Pistache nor the
// edge, and are called from several threads at once.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schedule/job_service.h"
#include "server/http/message.h"

namespace millrace::server {

struct Route {
  std::string method;   // "POST"; GET answers HEAD too, at the edge
  std::string pattern;  // "/v1/jobs/{id}/cancel"
  std::function<Reply(const Request&)> answer;
};
using Routes = std::vector<Route>;

// A file per resource. `service` must outlive the table.
void add_jobs(Routes& routes, engine::JobService& service);
void add_job_actions(Routes& routes, engine::JobService& service);
void add_inspect(Routes& routes, engine::JobService& service);
void add_hardware(Routes& routes, engine::JobService& service);
void add_metrics(Routes& routes, engine::JobService& service);
void add_backups(Routes& routes, engine::JobService& service);
void add_openapi(Routes& routes);

Routes all_routes(engine::JobService& service);

// The 400 for a query parameter that the route does not know; nothing when all are known.
std::optional<Reply> unknown_parameter(const Request& request, std::initializer_list<std::string_view> known);

// "true" and "1", "false" and "0"; absent is false. The 400 in `refusal` for anything else.
bool read_flag(const Request& request, const std::string& name, std::optional<Reply>& refusal);

}  // namespace millrace::server
