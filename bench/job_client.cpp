#include "bench/job_client.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "hw/text_file.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using Json = nlohmann::ordered_json;

Status odd(const std::string& request, const HttpAnswer& answer) {
  const Code code = answer.status == 503   ? Code::resource_exhausted
                    : answer.status == 404 ? Code::not_found
                                           : Code::internal;
  return {code, fmt::format("{} answered {}: {}", request, answer.status,
                            hw::printable(std::string_view(answer.body).substr(0, 300)))};
}

bool has_text(const Json& document, const char* field) {
  return document.is_object() && document.contains(field) && document[field].is_string();
}

}  // namespace

Result<std::string> submit_job(Http& http, const std::string& spec, const std::string& key) {
  const Result<HttpAnswer> answer =
      key.empty() ? http.post("/v1/jobs", spec) : http.post_once("/v1/jobs", spec, key);
  if (!answer.ok()) return answer.status();
  const Json document = Json::parse(answer->body, nullptr, false);
  if (answer->status / 100 != 2 || !has_text(document, "id")) return odd("POST /v1/jobs", *answer);
  return document["id"].get<std::string>();
}

Result<Json> job_document(Http& http, const std::string& id) {
  const Result<HttpAnswer> answer = http.get("/v1/jobs/" + id);
  if (!answer.ok()) return answer.status();
  Json document = Json::parse(answer->body, nullptr, false);
  if (answer->status != 200 || !has_text(document, "state")) return odd("GET /v1/jobs/" + id, *answer);
  return document;
}

Result<std::string> state_of_job(Http& http, const std::string& id) {
  const Result<Json> job = job_document(http, id);
  if (job.status().code() == Code::not_found) return std::string();
  if (!job.ok()) return job.status();
  return (*job)["state"].get<std::string>();
}

bool is_final_state(const std::string& state) {
  return state == "completed" || state == "failed" || state == "cancelled";
}

Result<std::vector<std::string>> jobs_in_state(Http& http, const std::string& state) {
  const Result<HttpAnswer> answer = http.get("/v1/jobs?limit=100&state=" + state);
  if (!answer.ok()) return answer.status();
  const Json document = Json::parse(answer->body, nullptr, false);
  if (answer->status != 200 || !document.is_object() || !document.contains("jobs"))
    return odd("GET /v1/jobs", *answer);
  std::vector<std::string> ids;
  for (const Json& job : document["jobs"]) ids.push_back(job.value("id", ""));
  return ids;
}

}  // namespace millrace::bench
