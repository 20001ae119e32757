// The machine that this runs on.
#include <nlohmann/json.hpp>

#include "server/api/routes.h"

namespace millrace::server {

void add_hardware(Routes& routes, engine::JobService& service) {
  routes.push_back({"GET", "/v1/hardware", [&](const Request& request) {
                      if (auto refusal = unknown_parameter(request, {})) return *refusal;
                      return json_reply(200, service.hardware());
                    }});
}

}  // namespace millrace::server
