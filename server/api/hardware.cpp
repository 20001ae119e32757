// The machine that this runs on, and what it carries.
#include <nlohmann/json.hpp>

#include "server/api/routes.h"
#include "server/http/problem.h"

namespace millrace::server {

void add_hardware(Routes& routes, engine::JobService& service) {
  routes.push_back({"GET", "/v1/hardware", [&](const Request& request) {
                      if (auto refusal = unknown_parameter(request, {})) return *refusal;
                      return json_reply(200, service.hardware());
                    }});
  routes.push_back({"GET", "/v1/capacity", [&](const Request& request) {
                      if (auto refusal = unknown_parameter(request, {"profile"})) return *refusal;
                      const auto profile = request.query.find("profile");
                      const auto report =
                          service.capacity(profile == request.query.end() ? "" : profile->second);
                      return report.ok() ? json_reply(200, *report)
                                         : problem_reply(report.status(), Asked::a_list, request.path);
                    }});
}

}  // namespace millrace::server
