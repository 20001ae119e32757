// What Prometheus scrapes.
#include "server/api/routes.h"
#include "server/telemetry/prometheus_text.h"

namespace millrace::server {

void add_metrics(Routes& routes, engine::JobService& service) {
  routes.push_back({"GET", "/metrics", [&](const Request& request) {
                      if (auto refusal = unknown_parameter(request, {})) return *refusal;
                      return Reply{200, kPrometheusText, prometheus_text(service.metrics()), {}};
                    }});
}

}  // namespace millrace::server
