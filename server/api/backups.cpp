// Copies of the store, made while it is in use.
#include <nlohmann/json.hpp>

#include "engine/store/store_copies.h"
#include "server/api/routes.h"
#include "server/http/problem.h"

namespace millrace::server {

void add_backups(Routes& routes, engine::JobService& service) {
  routes.push_back({"POST", "/v1/backups", [&](const Request& request) {
                      if (auto refusal = unknown_parameter(request, {})) return *refusal;
                      const auto copy = service.back_up();
                      return copy.ok() ? json_reply(201, to_json(*copy))
                                       : problem_reply(copy.status(), Asked::new_work, request.path);
                    }});
}

}  // namespace millrace::server
