#include "engine/job/job_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

// Every member differs from its default.
Job a_job() {
  Job job;
  job.id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ";
  job.spec = R"({"input":{"url":"/a.mov"},"outputs":[{"name":"abr","type":"adaptive"}],"priority":60})";
  job.state = JobState::failed;
  job.priority = 60;
  job.created = 1'795'201'560'123;
  job.started = 1'795'201'561'000;
  job.finished = 1'795'201'562'999;
  job.attempts = {{1, 2, "interrupted"}, {3, 0, "failed: disk"}};
  job.attempts[0].retries = {
      {1'795'201'561'500, "abr/audio", Code::io_error, "abr/audio: disk", 2, "slower", "decode"}};
  job.progress = {Phase::packaging, 0.1 + 0.2, 12.345678901234567, 3.5, 7.25, {{"abr", 1.0 / 3}, {"web", 1}}};
  job.error = JobError{Code::corrupt_input, "at 12.480 s: \"bad\" \xC3\xBC"};
  job.plan = R"({"clock":1})";
  job.receipt = R"({"whole":true})";
  job.tags = {"title=x", "show=a=b"};
  job.waiting_for = "disk: 3 MB are free";
  job.cancelled_outputs = {"web"};
  return job;
}

TEST(JobJson, ARecordOfAnEarlierProgramIsRead) {
  auto json = ordered_json::parse(stored_text(a_job()));
  json.erase("waiting_for");
  json.erase("cancelled_outputs");
  for (auto& attempt : json["attempts"]) attempt.erase("retries");
  const Result<Job> read = job_from_stored(json.dump());
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_EQ(read->waiting_for, "");
  EXPECT_EQ(read->cancelled_outputs.size(), 0U);
}

TEST(JobJson, TheStoredRecordGivesTheSameJobBack) {
  const Job job = a_job();
  const std::string text = stored_text(job);
  const Result<Job> read = job_from_stored(text);
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_EQ(stored_text(*read), text);
  EXPECT_EQ(read->id, job.id);
  EXPECT_EQ(read->spec, job.spec);
  EXPECT_EQ(read->state, job.state);
  EXPECT_EQ(read->priority, 60);
  EXPECT_EQ(read->created, job.created);
  EXPECT_EQ(read->started, job.started);
  EXPECT_EQ(read->finished, job.finished);
  ASSERT_EQ(read->attempts.size(), 2U);
  EXPECT_EQ(read->attempts[1].outcome, "failed: disk");
  ASSERT_EQ(read->attempts[0].retries.size(), 1U);
  EXPECT_EQ(read->attempts[0].retries[0].task, "abr/audio");
  EXPECT_EQ(read->attempts[0].retries[0].code, Code::io_error);
  EXPECT_EQ(read->progress.phase, Phase::packaging);
  EXPECT_EQ(read->progress.done, job.progress.done);
  EXPECT_EQ(read->progress.media_seconds, job.progress.media_seconds);
  ASSERT_EQ(read->progress.outputs.size(), 2U);
  EXPECT_EQ(read->progress.outputs[0].done, 1.0 / 3);
  ASSERT_TRUE(read->error.has_value());
  EXPECT_EQ(read->error->code, Code::corrupt_input);
  EXPECT_EQ(read->error->message, job.error->message);
  EXPECT_EQ(read->plan, job.plan);
  EXPECT_EQ(read->receipt, job.receipt);
  EXPECT_EQ(read->tags, job.tags);
  EXPECT_EQ(read->waiting_for, job.waiting_for);
  EXPECT_EQ(read->cancelled_outputs, job.cancelled_outputs);
}

TEST(JobJson, AFreshJobReadsBackWithoutAnError) {
  const Result<Job> read = job_from_stored(stored_text(Job{}));
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_FALSE(read->error.has_value());
  EXPECT_EQ(read->progress.eta_seconds, -1);
}

TEST(JobJson, ARecordWithoutAFieldIsRefusedByTheFieldsName) {
  const ordered_json whole = ordered_json::parse(stored_text(a_job()));
  for (const auto& [name, value] : whole.items()) {
    ordered_json less = whole;
    less.erase(name);
    const Result<Job> read = job_from_stored(less.dump());
    // Two that records of an earlier program lack.
    if (name != "waiting_for" && name != "cancelled_outputs") {
      ASSERT_FALSE(read.ok()) << name;
      EXPECT_EQ(read.status().code(), Code::corrupt_input);
      EXPECT_THAT(read.status().message(), HasSubstr("job." + name));
    }
    less[name] = value.is_boolean() ? ordered_json(1) : ordered_json(true);
    EXPECT_FALSE(job_from_stored(less.dump()).ok()) << name;
  }
  EXPECT_FALSE(job_from_stored("no JSON").ok());
  EXPECT_FALSE(job_from_stored("[]").ok());
}

TEST(JobJson, AnUnknownStateOrADamagedListIsRefusedWithItsPlace) {
  ordered_json json = ordered_json::parse(stored_text(a_job()));
  json["attempts"][1]["ended"] = "x";
  EXPECT_THAT(job_from_stored(json.dump()).status().message(), HasSubstr("job.attempts[1].ended"));
  json = ordered_json::parse(stored_text(a_job()));
  json["state"] = "asleep";
  EXPECT_THAT(job_from_stored(json.dump()).status().message(), HasSubstr("job.state"));
  json = ordered_json::parse(stored_text(a_job()));
  json["priority"] = std::int64_t{1} << 40;
  EXPECT_THAT(job_from_stored(json.dump()).status().message(), HasSubstr("job.priority"));
}

TEST(JobJson, ClientsSeeTimesDocumentsAndLinks) {
  const ordered_json json = shown_json(a_job());
  EXPECT_EQ(json["id"], "01J9ZZZZZZZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(json["state"], "failed");
  EXPECT_EQ(json["created"], "2026-11-20T19:06:00.123Z");
  EXPECT_EQ(json["waiting_for"], "disk: 3 MB are free");
  EXPECT_EQ(json["cancelled_outputs"], ordered_json::array({"web"}));
  EXPECT_EQ(json["attempts"][1]["ended"], nullptr);
  EXPECT_EQ(json["attempts"][1]["retries"], ordered_json::array());
  EXPECT_EQ(json["attempts"][0]["retries"][0], (ordered_json{{"at", "2026-11-20T19:06:01.500Z"},
                                                             {"task", "abr/audio"},
                                                             {"code", "io_error"},
                                                             {"message", "abr/audio: disk"},
                                                             {"wait_seconds", 2.0},
                                                             {"step_down", "slower"},
                                                             {"stage", "decode"}}));
  EXPECT_EQ(json["tags"], (ordered_json{{"title", "x"}, {"show", "a=b"}}));
  EXPECT_EQ(json["progress"]["phase"], "packaging");
  EXPECT_EQ(json["progress"]["outputs"][1], (ordered_json{{"name", "web"}, {"done", 1.0}}));
  EXPECT_EQ(json["error"]["code"], "corrupt_input");
  EXPECT_EQ(json["spec"]["priority"], 60);
  EXPECT_EQ(json["plan"]["clock"], 1);
  EXPECT_EQ(json["receipt"]["whole"], true);
  EXPECT_EQ(json["links"]["events"], "/v1/jobs/01J9ZZZZZZZZZZZZZZZZZZZZZZ/events");
}

TEST(JobJson, AFreshJobShowsNullWhereNothingIsYet) {
  Job job;
  job.id = "X";
  const ordered_json json = shown_json(job);
  for (const char* field :
       {"created", "started", "finished", "waiting_for", "error", "spec", "plan", "receipt"})
    EXPECT_EQ(json[field], nullptr) << field;
  EXPECT_EQ(json["attempts"], ordered_json::array());
}

TEST(JobJson, TheShortFormNamesTheOutputsOnly) {
  const ordered_json json = shown_json_short(a_job());
  EXPECT_FALSE(json.contains("plan"));
  EXPECT_FALSE(json.contains("receipt"));
  EXPECT_EQ(json["spec"]["outputs"], ordered_json::array({"abr"}));
  EXPECT_EQ(json["spec"]["input"]["url"], "/a.mov");
}

TEST(JobJson, BytesThatAreNotUtf8DoNotStopARecord) {
  Job job = a_job();
  job.error->message = "caf\xe9.mov: damaged";
  const Result<Job> read = job_from_stored(stored_text(job));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->error->message, "caf\xEF\xBF\xBD.mov: damaged");
}

TEST(Rfc3339, HasMillisecondsAndUtc) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(951'782'400'007), "2000-02-29T00:00:00.007Z");
  EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_GT(now_milliseconds(), 1'600'000'000'000);
}

}  // namespace
}  // namespace millrace::engine
