#include "engine/store/records.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/base/ulid.h"
#include "engine/job/job_json.h"

namespace millrace::engine::records {
namespace {

Status damaged(const std::string& id, const std::string& what) {
  return {Code::internal,
          fmt::format("job {}: its record in the store is damaged ({}); delete the job", id, what)};
}

}  // namespace

Status no_such_job(const std::string& id) {
  if (!is_ulid(id)) return {Code::not_found, "there is no such job: a job's id has 26 characters"};
  return {Code::not_found, fmt::format("there is no job {}", id)};
}

std::string text_of_job(Job job) {
  job.plan.clear();
  job.receipt.clear();
  return stored_text(job);
}

Result<Job> job(const std::string& id, std::string_view text) {
  Result<Job> job = job_from_stored(text);
  if (!job.ok()) return damaged(id, job.status().message());
  if (job->id != id) return damaged(id, "it names another job");
  return job;
}

Result<FinishedSegment> segment(const std::string& job_id, std::string_view text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) return damaged(job_id, "a segment is not JSON");
  Result<FinishedSegment> segment = segment_from_json(json);
  if (!segment.ok()) return damaged(job_id, "a segment: " + segment.status().message());
  return segment;
}

Result<std::int64_t> end(const std::string& job_id, std::string_view text) {
  std::int64_t end = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), end).ptr != text.data() + text.size())
    return damaged(job_id, "the end of a track");
  return end;
}

Result<std::vector<std::string>> lost(const std::string& job_id, std::string_view text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_array()) return damaged(job_id, "what a track lost");
  std::vector<std::string> sentences;
  for (const auto& each : json) {
    if (!each.is_string()) return damaged(job_id, "what a track lost");
    sentences.push_back(each.get<std::string>());
  }
  return sentences;
}

}  // namespace millrace::engine::records
