#include "engine/job/job_json.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "engine/job/json_archive.h"
#include "engine/job/names.h"

namespace millrace::engine {

using nlohmann::ordered_json;

template <class A, Is<OutputProgress> T>
void fields(A& archive, T& output) {
  archive("name", output.name);
  archive("done", output.done);
}

template <class A, Is<Progress> T>
void fields(A& archive, T& progress) {
  archive("phase", progress.phase);
  archive("done", progress.done);
  archive("media_seconds", progress.media_seconds);
  archive("speed", progress.speed);
  archive("eta_seconds", progress.eta_seconds);
  archive("outputs", progress.outputs);
}

template <class A, Is<JobError> T>
void fields(A& archive, T& error) {
  archive("code", error.code);
  archive("message", error.message);
}

template <class A, Is<Retry> T>
void fields(A& archive, T& retry) {
  archive("at", retry.at);
  archive("task", retry.task);
  archive("code", retry.code);
  archive("message", retry.message);
  archive("wait_seconds", retry.wait_seconds);
  archive("step_down", retry.step_down);
  archive.maybe("stage", retry.stage);
}

template <class A, Is<Attempt> T>
void fields(A& archive, T& attempt) {
  archive("started", attempt.started);
  archive("ended", attempt.ended);
  archive("outcome", attempt.outcome);
  archive.maybe("retries", attempt.retries);
}

template <class A, Is<Job> T>
void fields(A& archive, T& job) {
  archive("id", job.id);
  archive("state", job.state);
  archive("priority", job.priority);
  archive("created", job.created);
  archive("started", job.started);
  archive("finished", job.finished);
  archive("attempts", job.attempts);
  archive("progress", job.progress);
  archive("error", job.error);
  archive.maybe("waiting_for", job.waiting_for);
  archive.maybe("cancelled_outputs", job.cancelled_outputs);
  archive("tags", job.tags);
  archive("spec", job.spec);
  archive("plan", job.plan);
  archive("receipt", job.receipt);
}

namespace {

ordered_json time_or_null(std::int64_t milliseconds) {
  return milliseconds == 0 ? ordered_json() : ordered_json(rfc3339(milliseconds));
}

// Spec, plan and receipt lie in the record as text that we wrote ourselves.
ordered_json document_or_null(const std::string& text) {
  if (text.empty()) return {};
  ordered_json json = ordered_json::parse(text, nullptr, false);
  return json.is_discarded() ? ordered_json() : json;
}

ordered_json tags_of(const Job& job) {
  ordered_json tags = ordered_json::object();
  for (const std::string& tag : job.tags) {
    const auto equals = tag.find('=');
    tags[as_utf8(tag.substr(0, equals))] = equals == std::string::npos ? "" : as_utf8(tag.substr(equals + 1));
  }
  return tags;
}

ordered_json error_of(const Job& job) { return JsonWriter::json_of(job.error); }

ordered_json links_of(const Job& job) {
  const std::string self = "/v1/jobs/" + job.id;
  return {{"self", self}, {"events", self + "/events"}, {"files", self + "/files/"}};
}

void put_head(const Job& job, ordered_json& json) {
  json["id"] = job.id;
  json["state"] = name_of(job.state);
  json["priority"] = job.priority;
  json["created"] = time_or_null(job.created);
  json["started"] = time_or_null(job.started);
  json["finished"] = time_or_null(job.finished);
  json["waiting_for"] = job.waiting_for.empty() ? ordered_json() : ordered_json(as_utf8(job.waiting_for));
  json["cancelled_outputs"] = job.cancelled_outputs;
}

ordered_json spec_summary(const Job& job) {
  const ordered_json spec = document_or_null(job.spec);
  ordered_json summary = {{"input", nullptr}, {"outputs", ordered_json::array()}};
  if (!spec.is_object()) return summary;
  if (const auto input = spec.find("input"); input != spec.end()) summary["input"] = *input;
  if (const auto outputs = spec.find("outputs"); outputs != spec.end() && outputs->is_array()) {
    for (const auto& output : *outputs)
      if (output.is_object()) summary["outputs"].push_back(output.value("name", ""));
  }
  return summary;
}

}  // namespace

std::string stored_text(const Job& job) { return JsonWriter::json_of(job).dump(); }

Result<Job> job_from_stored(std::string_view text) {
  const ordered_json json = ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) return Status(Code::corrupt_input, "job record: not JSON");
  Job job;
  JsonReader reader(json, "job");
  if (reader.status().ok()) fields(reader, job);
  if (!reader.status().ok()) return reader.status();
  return job;
}

ordered_json to_json(const Progress& progress) { return JsonWriter::json_of(progress); }

ordered_json to_json(const Retry& retry) {
  ordered_json json = JsonWriter::json_of(retry);
  json["at"] = time_or_null(retry.at);
  return json;
}

ordered_json shown_json(const Job& job) {
  ordered_json json;
  put_head(job, json);
  json["tags"] = tags_of(job);
  json["progress"] = to_json(job.progress);
  json["error"] = error_of(job);
  json["attempts"] = ordered_json::array();
  for (const Attempt& attempt : job.attempts) {
    json["attempts"].push_back({{"started", time_or_null(attempt.started)},
                                {"ended", time_or_null(attempt.ended)},
                                {"outcome", as_utf8(attempt.outcome)},
                                {"retries", ordered_json::array()}});
    for (const Retry& retry : attempt.retries) json["attempts"].back()["retries"].push_back(to_json(retry));
  }
  json["spec"] = document_or_null(job.spec);
  json["plan"] = document_or_null(job.plan);
  json["receipt"] = document_or_null(job.receipt);
  json["links"] = links_of(job);
  return json;
}

ordered_json shown_json_short(const Job& job) {
  ordered_json json;
  put_head(job, json);
  json["tags"] = tags_of(job);
  json["progress"] = to_json(job.progress);
  json["error"] = error_of(job);
  json["spec"] = spec_summary(job);
  json["links"] = links_of(job);
  return json;
}

std::string rfc3339(std::int64_t milliseconds) {
  std::int64_t seconds = milliseconds / 1000;
  std::int64_t rest = milliseconds % 1000;
  if (rest < 0) {
    rest += 1000;
    --seconds;
  }
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, rest);
}

std::int64_t now_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace millrace::engine
