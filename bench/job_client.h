// What measurements ask of a served Millrace about jobs. Blocking, one request each. Answers that are not
// what was asked for are internal, with their status and the begin of their body.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/http_client.h"
#include "engine/base/status.h"

namespace millrace::bench {

// The id that the submission is answered with; the same for the same key. An empty key: none is sent.
// resource_exhausted: the server has no room now (503), ask again.
engine::Result<std::string> submit_job(Http& http, const std::string& spec, const std::string& key = {});

// As GET /v1/jobs/{id} gives it, with its state; not_found for one that the server does not know.
engine::Result<nlohmann::ordered_json> job_document(Http& http, const std::string& id);

// "completed"; empty for a job that the server does not know.
engine::Result<std::string> state_of_job(Http& http, const std::string& id);
bool is_final_state(const std::string& state);

// Ids of jobs in one state, 100 at most.
engine::Result<std::vector<std::string>> jobs_in_state(Http& http, const std::string& state);

}  // namespace millrace::bench
