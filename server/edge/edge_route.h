// Which part of the server a path belongs to. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http/target.h"

namespace millrace::server {

struct EdgeRoute {
  enum class Kind { page, health, ready, events, job_events, file, quick_api, patient_api, nothing };
  Kind kind = Kind::nothing;
  std::string job_id;             // of job_events and file
  std::vector<std::string> file;  // segments below the job's folder, at least one
  bool open = false;              // answered without a token
};

EdgeRoute edge_route(std::string_view method, const Target& target);

}  // namespace millrace::server
