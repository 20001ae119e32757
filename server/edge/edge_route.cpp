#include "server/edge/edge_route.h"

namespace millrace::server {

EdgeRoute edge_route(std::string_view method, const Target& target) {
  using Kind = EdgeRoute::Kind;
  const std::vector<std::string>& path = target.segments;
  EdgeRoute route;
  if (path.empty()) {
    route.kind = Kind::page;
    route.open = true;
    return route;
  }
  if (path.size() == 1 && (path[0] == "healthz" || path[0] == "readyz")) {
    route.kind = path[0] == "healthz" ? Kind::health : Kind::ready;
    route.open = true;
    return route;
  }
  if (path.size() == 1 && path[0] == "metrics") {
    route.kind = Kind::quick_api;
    return route;
  }
  // The api's router takes "/v1/jobs/" for "/v1/jobs"; here these are two paths.
  if (path[0] != "v1" || path.size() < 2 || path.back().empty()) return route;
  if (path.size() == 2 && path[1] == "events") {
    route.kind = Kind::events;
  } else if (path.size() == 4 && path[1] == "jobs" && path[3] == "events") {
    route.kind = Kind::job_events;
    route.job_id = path[2];
  } else if (path.size() >= 5 && path[1] == "jobs" && path[3] == "files") {
    route.kind = Kind::file;
    route.job_id = path[2];
    route.file.assign(path.begin() + 4, path.end());
  } else {
    const bool plans =
        path.size() == 2 && path[1] == "jobs" && method == "POST" && target.query.contains("dry_run");
    const bool looks =
        path.size() == 2 && (path[1] == "inspect" || path[1] == "hardware" || path[1] == "backups");
    route.kind = plans || looks ? Kind::patient_api : Kind::quick_api;
  }
  return route;
}

}  // namespace millrace::server
